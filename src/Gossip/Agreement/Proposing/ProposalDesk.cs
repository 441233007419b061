namespace Gossip.Agreement;

/// <summary>Hands what clients ask to the proposer of this node, and makes answers of what the proposer settles. Pure.</summary>
internal sealed class ProposalDesk(Proposer proposer, ProposerTiming timing)
{
    /// <summary>How many bytes of changes may wait: ten times what fits a round of the largest change. Who comes then is told to come later.</summary>
    private const long MaxBytes = 32 * 1024 * 1024;

    private readonly Dictionary<long, Proposal> _open = [];
    private long _bytes;
    private long _lastTicket;

    /// <summary>How many wait for an answer.</summary>
    public int Waiting => _open.Count;

    /// <summary>Takes a proposal, or answers at once that there are too many.</summary>
    public ProposalAnswer? Submit(long now, Proposal proposal)
    {
        if (_bytes + proposal.Change.Body.Length > MaxBytes)
        {
            return new ProposalAnswer(proposal.Change.Id, Verdict.Busy);
        }

        // A change that outlived its session's results could happen twice.
        var most = timing.SessionRetention.Ticks / 2;
        var ticket = ++_lastTicket;
        _open.Add(ticket, proposal);
        _bytes += proposal.Change.Body.Length;
        proposer.Submit(now, ticket, proposal.Change, now + Math.Min(proposal.Remaining.Ticks, most), proposal.Insist);
        return null;
    }

    /// <summary>The answer to a proposal that was settled, for the node of the change's session. Made before the proposer is called again, lest the whole value be sent for a few batches.</summary>
    public ProposalAnswer Answer(Settled settled)
    {
        if (!_open.Remove(settled.Ticket, out var proposal))
        {
            throw new InvalidOperationException($"Ticket {settled.Ticket} was settled before, or never given.");
        }

        _bytes -= proposal.Change.Body.Length;
        var news = proposal.Change.Body.IsEmpty && settled is { Verdict: Verdict.Decided, Value: { } value } ? proposer.NewsSince(proposal.Known, value) : null;
        return new ProposalAnswer(proposal.Change.Id, settled.Verdict, settled.Result, settled.Leader, news, news is null ? Ballot.None : settled.Ballot);
    }
}
