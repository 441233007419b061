using System.Collections.Immutable;

namespace Gossip.Bench.Reports;

/// <summary>Which of several samples is held against the goal.</summary>
internal enum Judged
{
    Median,
    Worst,
}

/// <summary>Something that is measured, and what is wanted of it. Less is better, unless it says otherwise.</summary>
/// <param name="Target">The number in the list of targets.</param>
/// <param name="Name">What it is.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Judged">Which of the samples counts.</param>
internal sealed record Metric(int Target, string Name, string Unit, Judged Judged = Judged.Median)
{
    /// <summary>No target: it says how much the rest is worth.</summary>
    public static Metric Load { get; } = new(0, "machine: processors in use before a run", "%");

    public static Metric FirstDeath { get; } = new(1, "killed: first survivor says dead", "s");

    public static Metric MedianDeath { get; } = new(1, "killed: median survivor says dead", "s");

    public static Metric LastDeath { get; } = new(1, "killed: every survivor says dead", "s")
    {
        GoalBySize = ImmutableSortedDictionary<int, double>.Empty.Add(10, 2).Add(30, 3).Add(60, 4),
        GoalOfPeer = 0.5,
    };

    public static Metric ProbeTimedOut { get; } = new(1, "  since the kill: a probe timed out", "s");

    public static Metric FirstAccuser { get; } = new(1, "  since the kill: first accuser", "s");

    public static Metric SecondAccuser { get; } = new(1, "  since the kill: second accuser", "s");

    public static Metric ThirdAccuser { get; } = new(1, "  since the kill: third accuser", "s");

    public static Metric FalseDeaths { get; } = new(2, "paused others: healthy members said dead", "", Judged.Worst) { Goal = 0 };

    public static Metric PausedDeaths { get; } = new(2, "paused others: the paused said dead", "");

    public static Metric BurstJoin { get; } = new(3, "burst join: all see all", "s", Judged.Worst) { Goal = 2 };

    public static Metric Healing { get; } = new(4, "cut healed: all see all", "s", Judged.Worst) { Goal = 3 };

    public static Metric IdlePackets { get; } = new(5, "idle: packets on lo per node", "1/s");

    public static Metric IdleBytes { get; } = new(5, "idle: bytes on lo per node", "B/s") { Goal = 350 };

    public static Metric IdleDatagramsSent { get; } = new(5, "idle: datagrams sent per node, by its meter", "1/s");

    public static Metric IdleBytesSent { get; } = new(5, "idle: payload sent per node, by its meter", "B/s");

    public static Metric IdleGarbage { get; } = new(6, "idle: garbage per node", "B/s") { Goal = 200 };

    public static Metric IdleProcessor { get; } = new(6, "idle: processor time per node", "ms/s") { Goal = 1 };

    public static Metric Resident { get; } = new(6, "idle: resident memory per process", "MB");

    public static Metric KnownMembers { get; } = new(6, "known members of one engine, with their view", "MB") { Goal = 8 };

    public static Metric PerPacket { get; } = new(6, "allocated per packet by two engines", "B", Judged.Worst) { Goal = 0 };

    public static Metric MedianArrival { get; } = new(7, "broadcast: median arrival", "ms") { Goal = 20 };

    public static Metric LastArrival { get; } = new(7, "broadcast: last arrival", "ms") { Goal = 100 };

    public static Metric Coverage { get; } = new(7, "broadcast: nodes that heard none of it", "", Judged.Worst) { Goal = 0 };

    public static Metric AskAll { get; } = new(9, "ask all and hear from all", "ms") { Goal = 150 };

    public static Metric SimulatorSpeed { get; } = new(17, "simulator: events per second, one core", "1/s") { Goal = 500_000, MoreIsBetter = true };

    public static Metric SlowestScenario { get; } = new(17, "simulator: events per second, slowest scenario", "1/s") { MoreIsBetter = true };

    private static ImmutableArray<Metric> All { get; } =
    [
        Load, FirstDeath, MedianDeath, LastDeath, ProbeTimedOut, FirstAccuser, SecondAccuser, ThirdAccuser, FalseDeaths, PausedDeaths, BurstJoin, Healing,
        IdlePackets, IdleBytes, IdleDatagramsSent, IdleBytesSent, IdleGarbage, IdleProcessor, Resident, KnownMembers, PerPacket, MedianArrival, LastArrival, Coverage, AskAll, SimulatorSpeed, SlowestScenario,
    ];

    /// <summary>The wanted value, whatever the size of the cluster.</summary>
    public double? Goal { get; init; }

    /// <summary>Wanted values by the size up to which they hold.</summary>
    public ImmutableSortedDictionary<int, double> GoalBySize { get; init; } = ImmutableSortedDictionary<int, double>.Empty;

    /// <summary>The wanted part of the peer's value.</summary>
    public double? GoalOfPeer { get; init; }

    public bool MoreIsBetter { get; init; }

    /// <summary>Finds one by its name without the blanks around it; null when there is none.</summary>
    public static Metric? Find(string name) => All.FirstOrDefault(metric => metric.Name.Trim() == name);

    public double? GoalFor(int nodes) => Goal ?? GoalBySize.Where(goal => goal.Key >= nodes).Select(goal => (double?)goal.Value).FirstOrDefault();
}
