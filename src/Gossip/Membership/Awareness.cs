namespace Gossip.Membership;

/// <summary>
/// The local health score (Lifeguard §IV-A). A node that misses answers, or has to refute, first doubts itself: the higher
/// its score, the slower and the more patiently it probes.
/// </summary>
internal sealed class Awareness(int max)
{
    /// <summary>0 is healthy.</summary>
    public int Score { get; private set; }

    public void Worsen(int by = 1) => Score = Math.Min(Score + by, max);

    public void Improve() => Score = Math.Max(Score - 1, 0);

    public long Scale(TimeSpan time) => time.Ticks * (Score + 1);
}
