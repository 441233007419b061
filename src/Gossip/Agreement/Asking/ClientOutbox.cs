namespace Gossip.Agreement;

/// <summary>What a client wants sent and said. Its owner carries it out after each call, and clears it.</summary>
internal sealed class ClientOutbox
{
    public List<(NodeId To, Proposal Proposal)> Proposals { get; } = [];

    public List<AcceptorRequest> Requests { get; } = [];

    public List<ClientResult> Results { get; } = [];

    public void Clear()
    {
        Proposals.Clear();
        Requests.Clear();
        Results.Clear();
    }
}

/// <summary>How a call of a user ended.</summary>
/// <param name="Ticket">Names the call.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Result">The answer of a change.</param>
/// <param name="Value">What was read.</param>
/// <param name="Silent">Who did not answer, for one that timed out.</param>
/// <param name="WasBusy">For one that timed out: the last that was heard is that those who decide have too much to do.</param>
internal sealed record ClientResult(
    long Ticket, ClientStatus Status, ReadOnlyMemory<byte> Result = default, RegisterValue? Value = null, IReadOnlyList<AcceptorId>? Silent = null, bool WasBusy = false);

internal enum ClientStatus
{
    /// <summary>Decided, or read.</summary>
    Done,

    /// <summary>Nothing happened: no majority answered before the deadline, and the change was never sent to anybody.</summary>
    NotSent,

    /// <summary>No majority answered before the deadline. The change may still happen; the next read shows what is true by then.</summary>
    Unknown,

    /// <summary>The node stopped, and nothing happened.</summary>
    Stopped,

    /// <summary>The node stopped after the change was sent. It may have happened, or still happen.</summary>
    Abandoned,
}
