namespace Gossip.Agreement;

/// <summary>What a client wants sent and said. Its owner carries it out after each call, and clears it.</summary>
internal sealed class ClientOutbox
{
    public List<Proposal> Proposals { get; } = [];

    public List<AcceptorRequest> Requests { get; } = [];

    public List<ClientResult> Results { get; } = [];

    public void Clear()
    {
        Proposals.Clear();
        Requests.Clear();
        Results.Clear();
    }
}

/// <summary>A change for the proposer of a node.</summary>
/// <param name="To">The node.</param>
/// <param name="Change">The change.</param>
/// <param name="Remaining">How long its client still waits.</param>
/// <param name="Insist">Take over even if another proposer seems to be at work: it did not answer.</param>
/// <param name="Known">What the client holds; for a change that only asks, the news since come with the answer.</param>
internal sealed record Proposal(NodeId To, Change Change, TimeSpan Remaining, bool Insist, Position Known);

/// <summary>The answer of a proposer.</summary>
/// <param name="Id">The change.</param>
/// <param name="Verdict">How it ended there.</param>
/// <param name="Result">The answer of the change.</param>
/// <param name="Leader">Whom to ask instead.</param>
/// <param name="News">For a change that only asks: the chosen value.</param>
internal sealed record ProposalAnswer(ChangeId Id, Verdict Verdict, ReadOnlyMemory<byte> Result, NodeInstance Leader, News? News);

/// <summary>How a call of a user ended.</summary>
/// <param name="Ticket">Names the call.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Result">The answer of a change.</param>
/// <param name="Value">What was read.</param>
/// <param name="Silent">Who did not answer, for one that timed out.</param>
internal sealed record ClientResult(long Ticket, ClientStatus Status, ReadOnlyMemory<byte> Result = default, RegisterValue? Value = null, IReadOnlyList<AcceptorId>? Silent = null);

internal enum ClientStatus
{
    /// <summary>Decided, or read.</summary>
    Done,

    /// <summary>Nothing happened: no majority answered before the deadline, and the change was never sent to anybody.</summary>
    NotSent,

    /// <summary>No majority answered before the deadline. The change may still happen; the next read shows what is true by then.</summary>
    Unknown,

    /// <summary>The node stopped.</summary>
    Stopped,
}
