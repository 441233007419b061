namespace Gossip.Agreement;

/// <summary>The times of a client. Nothing but speed depends on them.</summary>
internal sealed record ClientTiming
{
    /// <summary>
    /// How long a proposer may take to answer before another is asked to take over: some tens of round trips with a flush. It decides how long a cluster stands still when its proposer's host
    /// vanishes; a killed process is noticed sooner, by its connections.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Each time that nobody answered, the next wait is twice as long, up to this.</summary>
    public TimeSpan PatienceMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The wait after an answer that says "later".</summary>
    public TimeSpan BusyDelay { get; init; } = TimeSpan.FromMilliseconds(50);
}
