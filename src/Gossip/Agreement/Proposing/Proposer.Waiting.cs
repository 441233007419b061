namespace Gossip.Agreement;

/// <content>Changes that wait: again after a round that came to nothing, and no longer than their clients do.</content>
internal sealed partial class Proposer
{
    /// <summary>The changes of a round that came to nothing wait again, before all others: their names keep them from being applied twice.</summary>
    private void Requeue()
    {
        var later = _waiting.ToArray();
        _waiting.Clear();
        foreach (var submission in _round.Concat(later))
        {
            _waiting.Enqueue(submission);
        }

        _round.Clear();
    }

    private void Expire()
    {
        if (_now < _expireAt)
        {
            return;
        }

        _expireAt = long.MaxValue;
        for (var i = _waiting.Count; i > 0; i--)
        {
            var submission = _waiting.Dequeue();
            if (submission.Deadline > _now)
            {
                _waiting.Enqueue(submission);
                _expireAt = Math.Min(_expireAt, submission.Deadline);
            }
            else
            {
                Settle(submission.Ticket, Verdict.TimedOut);
            }
        }

        foreach (var submission in _round)
        {
            if (submission.Deadline <= _now)
            {
                Settle(submission.Ticket, Verdict.TimedOut);
            }
            else
            {
                _expireAt = Math.Min(_expireAt, submission.Deadline);
            }
        }

        _round.RemoveAll(submission => submission.Deadline <= _now);
    }
}
