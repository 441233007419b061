using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <content>Rounds: all that waits is evaluated in order, and what it changed is accepted by a majority.</content>
internal sealed partial class Proposer
{
    /// <summary>How many bytes of changes one round takes: what does not fit waits for the next.</summary>
    private const int MaxRoundBytes = 1024 * 1024;

    private readonly List<Submission> _round = [];
    private RegisterValue? _proposed;
    private Ballot _nextBallot;
    private Lineage _founding;
    private Heritage? _heritage;

    /// <summary>Founds the register, once a majority of the founders answers: its first configuration decides from then on.</summary>
    /// <param name="now">The time.</param>
    /// <param name="lineage">Its name.</param>
    /// <param name="seats">Who votes first.</param>
    /// <param name="heritage">What it begins with, when it succeeds another one.</param>
    public void Found(long now, Lineage lineage, ImmutableArray<AcceptorId> seats, Heritage? heritage = null)
    {
        _now = now;
        if (_configuration is null || _register.Epoch > 0)
        {
            return; // it is founded
        }

        (_founding, _target, _heritage) = (lineage, seats, heritage);
        _staged.Clear();
        _stageTag = ++_lastTag;
        _stageDeadline = now + timing.StageTimeout.Ticks;
        Advance();
    }

    /// <summary>
    /// The list says who founds, and only gossip says with which stores, which may be those of lives that have ended. A register of such seats would be lost as soon as it was
    /// founded; so a majority of the very stores that are to have the first seats has to answer.
    /// </summary>
    private void StageFounders()
    {
        foreach (var seat in _target.Where(seat => !_staged.Contains(seat)))
        {
            outbox.Requests.Add(new Stage(Ballot.None, _value!) { Register = _register, To = seat, Tag = _stageTag });
        }

        _resendAt = _now + timing.Resend.Ticks;
    }

    private void BeginRound()
    {
        var before = _value!;
        if (before.Lineage.IsNone && _founding.IsNone)
        {
            return; // it waits to be founded
        }

        if (before.Lineage.IsNone && !IsSealDue)
        {
            StageFounders();
            return;
        }

        // A value that is sealed must be chosen before the next epoch may open; whoever sealed it may not have come so far.
        var mustConfirm = before.Next is not null;
        if (_waiting.Count == 0 && !IsSealDue && !mustConfirm)
        {
            return;
        }

        _round.Clear();
        var evaluation = new Evaluation(before);
        if (!mustConfirm && !before.Lineage.IsNone)
        {
            Evaluate(evaluation);
        }
        else if (!mustConfirm && _heritage is { } heritage)
        {
            evaluation.Inherit(heritage.Sessions);
            evaluation.Run(heritage.Change(_founding), out _);
        }

        var (batch, after) = mustConfirm
            ? (Batch.Identity, before)
            : evaluation.Finish(before.Lineage.IsNone ? _founding : default, _sessions.Expired(before, _now), IsSealDue ? _target : []);
        _history.Add(new News(before.Position, [batch], null, after.Position));
        _proposed = after;
        _nextBallot = new Ballot(++_highestRound, self); // above what an acceptor refused this one for, so that it takes part again
        Enter(Phase.Accepting);
        _votes.Begin(_configuration!);
        foreach (var acceptor in _configuration!.Acceptors)
        {
            _held.TryAdd(acceptor, before.Position); // who did not answer phase 1 says so if it holds another
        }

        SendAccept(_votes.Missing);
        _resendAt = _now + timing.Resend.Ticks;
    }

    private void Evaluate(Evaluation evaluation)
    {
        var bytes = 0;
        while (_waiting.TryPeek(out var submission) && (bytes == 0 || bytes + submission.Change.Body.Length <= MaxRoundBytes))
        {
            _waiting.Dequeue();
            bytes += submission.Change.Body.Length;
            var outcome = evaluation.Run(submission.Change, out var result);
            submission.Result = result;
            submission.Verdict = outcome switch
            {
                ChangeOutcome.Void => Verdict.Void,
                ChangeOutcome.TooMany => Verdict.Busy,
                _ => Verdict.Decided,
            };
            if (outcome == ChangeOutcome.Applied)
            {
                _sessions.Used(submission.Change.Id.Session, _now);
            }

            // Also who lost, or only asked, waits for the round: it shows that what they were told of is the latest.
            _round.Add(submission);
        }
    }

    private void SendAccept(IEnumerable<AcceptorId> acceptors)
    {
        foreach (var acceptor in acceptors)
        {
            Send(acceptor, new Accept(_ballot, _nextBallot, _history.Since(_held[acceptor], _proposed!)));
        }
    }

    /// <summary>
    /// An acceptor holds another value than was believed. When its round is decided already it gets what was chosen all the same: if the others fail next, whoever takes over
    /// finds two that agree, and need not ask what is current.
    /// </summary>
    private void OnNeedsBase(NeedsBase needs)
    {
        if (_configuration?.Contains(needs.From) == true)
        {
            _held[needs.From] = needs.Held;
        }

        if (_phase == Phase.Accepting && _votes.Missing.Contains(needs.From))
        {
            SendAccept([needs.From]);
        }
        else if (_phase == Phase.Leading && _chosen is { } chosen && chosen.Ballot == needs.Ballot && needs.Ballot != Ballot.None)
        {
            Send(needs.From, new Accept(chosen.Ballot, _ballot, _history.Since(needs.Held, chosen.Value)));
        }
    }

    private void OnAccepted(AcceptorId from)
    {
        _votes.Agree(from);
        if (!_votes.IsWon)
        {
            return;
        }

        _value = _proposed!;
        _chosen = (_value, _ballot);
        foreach (var acceptor in _configuration!.Acceptors)
        {
            _held[acceptor] = _value.Position; // the slower ones most likely do, too; who does not says so
        }

        foreach (var submission in _round)
        {
            outbox.Settled.Add(new Settled(submission.Ticket, submission.Verdict, submission.Result, _value, _ballot));
        }

        _ballot = _nextBallot; // promised by all who accepted
        _backoff = timing.BackoffMin;
        _round.Clear();
        _resendAt = long.MaxValue;
        if (_value.Next is not null)
        {
            BeginInstall();
        }
        else
        {
            _phase = Phase.Leading;
            Advance();
        }
    }
}
