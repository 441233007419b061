namespace Gossip.Simulation;

/// <summary>What a run counts, to prove that it exercised what it is for.</summary>
internal enum Fault
{
    /// <summary>Datagrams that the network lost.</summary>
    Dropped,

    /// <summary>Datagrams that the network delivered twice.</summary>
    Duplicated,

    /// <summary>Datagrams that arrived before an earlier one of the same pair.</summary>
    Reordered,

    /// <summary>Datagrams and frames that a cut or a partition stopped.</summary>
    Cut,

    /// <summary>Dials that were refused or timed out.</summary>
    Undeliverable,

    /// <summary>Connections that broke.</summary>
    Disconnected,

    /// <summary>Connections that ended in order because the process did.</summary>
    Closed,

    Crash,
    Restart,
    Pause,

    /// <summary>Bad spells of nodes that come and go.</summary>
    Flap,

    /// <summary>Views in which a member became a suspect.</summary>
    Suspicion,

    /// <summary>Views in which a member died.</summary>
    Death,

    /// <summary>Views in which a member died whose process ran.</summary>
    FalseDeath,

    /// <summary>Incarnations that members raised to refute.</summary>
    Refutation,

    /// <summary>Views in which a dead member came back.</summary>
    Revival,

    /// <summary>Processes that learned that their generation is not the latest.</summary>
    GenerationOutdated,

    /// <summary>Processes that left in order.</summary>
    Leave,

    /// <summary>Comparisons of views that found a difference.</summary>
    SyncDifference,

    /// <summary>Datagrams that the sender's own host refused to send.</summary>
    SendError,

    /// <summary>Joins that were refused because the node asked belongs to another cluster.</summary>
    ForeignCluster,

    /// <summary>Joins that were refused because there is no version of the protocol that both sides read.</summary>
    ForeignVersion,

    /// <summary>Joins that were refused because no more members are admitted.</summary>
    TurnedAway,

    /// <summary>Wall clocks that were set to another time.</summary>
    ClockStep,

    /// <summary>Views in which a healthy member died.</summary>
    HealthyDeath,

    /// <summary>Views of healthy members in which a healthy member died.</summary>
    HealthyDeathAtHealthy,

    /// <summary>Healthy members that a healthy member declared dead.</summary>
    FalseVerdict,

    /// <summary>Changes of tags and metadata.</summary>
    FactChange,

    /// <summary>Deliveries that broadcasts should have had.</summary>
    BroadcastExpected,

    /// <summary>Deliveries that broadcasts had.</summary>
    BroadcastReceived,

    /// <summary>Deliveries that came after a digest showed that something was missed.</summary>
    BroadcastRepaired,

    /// <summary>Deliveries of large broadcasts that a rumour offered.</summary>
    BroadcastFetched,

    /// <summary>Processes that joined while broadcasts were kept.</summary>
    LateJoin,

    /// <summary>Partitions that healed within the time for which broadcasts are kept.</summary>
    ShortPartition,
}

/// <summary>The counts of one run, or of many.</summary>
internal sealed class FaultCounts
{
    public static IReadOnlyList<Fault> All { get; } = Enum.GetValues<Fault>();

    private readonly long[] _counts = new long[All.Count];

    public long this[Fault fault] => _counts[(int)fault];

    public void Count(Fault fault, long by = 1) => _counts[(int)fault] += by;

    public void Add(FaultCounts other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }
}
