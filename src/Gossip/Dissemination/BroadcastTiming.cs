using Gossip.Membership;

namespace Gossip.Dissemination;

/// <summary>The periods of the repair of broadcasts, from those of the membership protocol and the window.</summary>
/// <param name="Timing">The membership protocol's.</param>
/// <param name="Window">How long broadcasts are kept; zero turns repair off.</param>
internal sealed record BroadcastTiming(ProtocolTiming Timing, TimeSpan Window)
{
    private const int ShortestRounds = 2;
    private const int LongestDivisor = 8;
    private const int FetchPeriods = 2;

    /// <summary>How soon a node says what it has, once that changed: rumours have told nearly all by then.</summary>
    public TimeSpan ShortestInterval => Timing.GossipInterval * ShortestRounds;

    /// <summary>The longest time between two such digests while anything is kept; so that in a window there are some, whatever is lost.</summary>
    public TimeSpan LongestInterval => TimeSpan.FromTicks(Math.Max(ShortestInterval.Ticks, Math.Min(Window.Ticks / LongestDivisor, Timing.SyncInterval.Ticks)));

    /// <summary>How long the answer with small broadcasts may take: as that to a probe.</summary>
    public TimeSpan AnswerTimeout => Timing.ProbeTimeout;

    /// <summary>How long a large one may take before it is asked for elsewhere. Only bandwidth is at stake, so it is generous.</summary>
    public TimeSpan FetchTimeout => Timing.ProbeInterval * FetchPeriods;

    /// <summary>How long a broadcast spreads before others may push it out.</summary>
    public TimeSpan Settling(int members) => Timing.SpreadTime(members);
}
