namespace Gossip.Agreement;

/// <summary>Hands what clients ask to the proposer of this node, and makes answers of what the proposer settles. Pure.</summary>
internal sealed class ProposalDesk(Proposer proposer, ProposerTiming timing)
{
    private readonly Dictionary<long, Proposal> _open = [];
    private long _lastTicket;

    /// <summary>How many wait for an answer.</summary>
    public int Waiting => _open.Count;

    public void Submit(long now, Proposal proposal)
    {
        // A change that outlived its session's results could happen twice.
        var most = timing.SessionRetention.Ticks / 2;
        var ticket = ++_lastTicket;
        _open.Add(ticket, proposal);
        proposer.Submit(now, ticket, proposal.Change, now + Math.Min(proposal.Remaining.Ticks, most), proposal.Insist);
    }

    /// <summary>The answer to a proposal that was settled, for the node of the change's session. Made before the proposer is called again, lest the whole value be sent for a few batches.</summary>
    public ProposalAnswer Answer(Settled settled)
    {
        if (!_open.Remove(settled.Ticket, out var proposal))
        {
            throw new InvalidOperationException($"Ticket {settled.Ticket} was settled before, or never given.");
        }

        var news = proposal.Change.Body.IsEmpty && settled is { Verdict: Verdict.Decided, Value: { } value } ? proposer.NewsSince(proposal.Known, value) : null;
        return new ProposalAnswer(proposal.Change.Id, settled.Verdict, settled.Result, settled.Leader, news);
    }
}
