namespace Gossip.Agreement;

/// <summary>A change for the proposer of a node.</summary>
/// <param name="Change">The change.</param>
/// <param name="Remaining">How long its client still waits.</param>
/// <param name="Insist">Take over even if another proposer seems to be at work: it did not answer.</param>
/// <param name="Known">What the client holds; for a change that only asks, the news since come with the answer.</param>
internal sealed record Proposal(Change Change, TimeSpan Remaining, bool Insist, Position Known);

/// <summary>The answer of a proposer.</summary>
/// <param name="Id">The change; its session says for whom the answer is.</param>
/// <param name="Verdict">How it ended there.</param>
/// <param name="Result">The answer of the change.</param>
/// <param name="Leader">Whom to ask instead.</param>
/// <param name="News">For a change that only asks: the chosen value.</param>
/// <param name="Ballot">The ballot in which that was chosen.</param>
internal sealed record ProposalAnswer(ChangeId Id, Verdict Verdict, ReadOnlyMemory<byte> Result = default, NodeInstance Leader = default, News? News = null, Ballot Ballot = default);
