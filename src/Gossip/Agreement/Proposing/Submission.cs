namespace Gossip.Agreement;

/// <summary>A change that waits at a proposer.</summary>
/// <param name="Ticket">Names the submission.</param>
/// <param name="Change">The change.</param>
/// <param name="Deadline">Until when its client waits.</param>
internal sealed record Submission(long Ticket, Change Change, long Deadline)
{
    /// <summary>What the round that it is part of will answer.</summary>
    public Verdict Verdict { get; set; }

    public ReadOnlyMemory<byte> Result { get; set; }
}
