namespace Gossip.Tables;

/// <summary>The system facts by which nodes tell each other about the table.</summary>
internal static class TableFacts
{
    /// <summary>The highest version number that the node knows to be committed, as an unsigned integer; told by the node that decides.</summary>
    public const string Version = "table.version";

    /// <summary>Followed by <see cref="HeartbeatName"/>: the latest heartbeat of the row that the node was told, as a moment in UTC.</summary>
    public const string HeartbeatPrefix = "table.heartbeat.";
}
