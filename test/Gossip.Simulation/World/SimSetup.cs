using Gossip.Membership;

namespace Gossip.Simulation;

/// <summary>What a world is made of before anything happens.</summary>
internal sealed record SimSetup
{
    public required ulong Seed { get; init; }

    public required int Nodes { get; init; }

    public required ProtocolTiming Timing { get; init; }

    public required LinkConditions Conditions { get; init; }

    /// <summary>How many members a node admits.</summary>
    public int MaxMembers { get; init; } = 16 * 1024;

    /// <summary>How long nodes keep broadcasts for those who missed them.</summary>
    public TimeSpan BroadcastWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The Ethernet payload less the headers of IPv6 and UDP, and some room for tunnels: the engine's default.</summary>
    public int MaxDatagramSize { get; init; } = 1400;
}
