using Gossip;

namespace Orleans.Clustering.Gossip;

/// <summary>When a silo last gave a sign of life, as Orleans counts: by its own heartbeat, its start, or the latest suspicion, which is how its death shows.</summary>
internal static class SiloSign
{
    /// <summary>The entry of a row, with the latest heartbeat that is known.</summary>
    public static MembershipEntry EntryOf(TableRow row)
    {
        var entry = SiloRow.Read(row.Value);
        if (row.Heartbeat is { } heartbeat && heartbeat.UtcDateTime > entry.IAmAliveTime)
        {
            entry.IAmAliveTime = heartbeat.UtcDateTime;
        }

        return entry;
    }

    public static DateTimeOffset? LastOf(TableRow row)
    {
        var entry = EntryOf(row);
        var last = entry.StartTime > entry.IAmAliveTime ? entry.StartTime : entry.IAmAliveTime;
        foreach (var (_, time) in entry.SuspectTimes ?? [])
        {
            last = time > last ? time : last;
        }

        return new DateTimeOffset(last, TimeSpan.Zero);
    }
}
