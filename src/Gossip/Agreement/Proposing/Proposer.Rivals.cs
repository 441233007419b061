namespace Gossip.Agreement;

/// <content>Rivals: what to do when acceptors promised another proposer more.</content>
internal sealed partial class Proposer
{
    private readonly HashSet<NodeId> _unreachable = [];
    private NodeInstance _rival;

    /// <summary>A node cannot be reached: no answer of it is waited for once another one has refused.</summary>
    public void OnUnreachable(long now, NodeId node)
    {
        _now = now;
        if (_phase is Phase.Preparing or Phase.Accepting)
        {
            _unreachable.Add(node);
            Yield();
            Advance();
        }
    }

    private void OnRejected(Rejected rejected)
    {
        if (rejected.Ballot != _ballot || rejected.Promised <= _ballot)
        {
            return;
        }

        _highestRound = Math.Max(_highestRound, rejected.Promised.Round);
        _rival = rejected.Promised.Proposer;
        _votes.Refuse(rejected.From);
        Yield();
    }

    /// <summary>
    /// Decides what a refusal means. A rival that cannot be reached is outbid at once: nobody else does it. One that lives gets the field when no majority can agree
    /// any more, or when all who could still agree cannot be reached.
    /// </summary>
    private void Yield()
    {
        if (!_votes.IsOpposed)
        {
            return;
        }

        if (_phase == Phase.Preparing && _unreachable.Contains(_rival.Id))
        {
            BeginPrepare();
        }
        else if (_votes.IsLost || _votes.Missing.All(acceptor => _unreachable.Contains(acceptor.Node)))
        {
            GiveWay();
        }
    }

    /// <summary>Leaves the field to the proposer that the acceptors promised more.</summary>
    private void GiveWay()
    {
        _leader = _rival;
        _leaderHeardAt = _now;
        _notBefore = _now + random.NextTicks(_backoff.Ticks) + 1;
        _backoff = TimeSpan.FromTicks(Math.Min(_backoff.Ticks * 2, timing.BackoffMax.Ticks));
        Rest();
        foreach (var submission in _round.Concat(_waiting))
        {
            outbox.Settled.Add(new Settled(submission.Ticket, Verdict.NotLeader, Leader: _leader));
        }

        _round.Clear();
        _waiting.Clear();
        EndReconfiguration(succeeded: false);
    }
}
