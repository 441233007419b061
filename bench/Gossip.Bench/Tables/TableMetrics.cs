using System.Collections.Immutable;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>What is measured of the table; the size is how many write.</summary>
internal static class TableMetrics
{
    /// <summary>What the peer would also count as one: a write that names what it expects, and is told that it was done.</summary>
    public static Metric Swaps { get; } = new(13, "compare-and-swap, one after the other", "1/s") { Goal = 1500, GoalOfPeer = 1, MoreIsBetter = true };

    public static Metric SwapMedian { get; } = new(13, "compare-and-swap, p50", "ms") { Goal = 0.6 };

    public static Metric SwapTail { get; } = new(13, "compare-and-swap, p99", "ms");

    public static Metric Cycles { get; } = new(13, "read, then compare-and-swap", "1/s") { MoreIsBetter = true };

    public static Metric Wins { get; } = new(13, "contenders: compare-and-swaps that won", "1/s")
    {
        GoalBySize = ImmutableSortedDictionary<int, double>.Empty.Add(50, 1000),
        GoalOfPeer = 1,
        MoreIsBetter = true,
    };

    public static Metric WinMedian { get; } = new(13, "contenders: until one's own won, p50", "ms");

    public static Metric WinTail { get; } = new(13, "contenders: until one's own won, p99", "ms")
    {
        GoalBySize = ImmutableSortedDictionary<int, double>.Empty.Add(50, 150),
    };

    public static Metric WinWorst { get; } = new(13, "contenders: until one's own won, longest", "ms");

    public static Metric Failover { get; } = new(14, "deciding process killed: next commit", "ms") { Goal = 250 };

    public static Metric AllActive { get; } = new(15, "start at once: all active", "s", Judged.Worst);

    public static Metric AllActiveInTurns { get; } = new(15, "start at once, in turns: all active", "s", Judged.Worst)
    {
        GoalBySize = ImmutableSortedDictionary<int, double>.Empty.Add(30, 3).Add(100, 6),
    };

    public static Metric SwapAmongMany { get; } = new(18, "compare-and-swap among so many rows, p50", "ms");

    public static Metric CycleAmongMany { get; } = new(18, "read, then compare-and-swap, among so many rows, p50", "ms");

    public static Metric CostOfRows { get; } = new(18, "p50 of a compare-and-swap against that of an empty table", "×") { Goal = 1.2 };

    public static Metric DiskFlush { get; } = new(0, "machine: 256 bytes appended and flushed, p50", "ms");
}
