namespace Gossip.Agreement;

/// <summary>The times of succession. Whether a register is lost is proven by none of them; they leave time to hear of what would contradict the proof.</summary>
internal sealed record SuccessionTiming
{
    /// <summary>How long a loss must stay proven before anybody votes for a successor: a member that knows of a later epoch is heard within that time, by gossip.</summary>
    public TimeSpan LossPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much longer, when members that could vote cannot be reached: the acceptors of a later epoch might be among them.</summary>
    public TimeSpan MissingPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long members may take to tell what they hold of a lost register. Also how long the best of them may take to send it.</summary>
    public TimeSpan TestimonyPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// For so long after a loss was proven no operator may recover the table, because its founders may be about to found a successor: as long as they may wait, with some time for the founding itself.
    /// </summary>
    public TimeSpan RecoveryPatience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How often those are asked again that did not answer.</summary>
    public TimeSpan AskAgain { get; init; } = TimeSpan.FromMilliseconds(500);
}
