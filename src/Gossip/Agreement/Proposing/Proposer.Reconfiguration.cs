using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <content>From one epoch to the next: newcomers are given the value, the epoch is sealed, and the next one opens with what was sealed.</content>
internal sealed partial class Proposer
{
    private readonly HashSet<AcceptorId> _staged = [];
    private ImmutableArray<AcceptorId> _target = [];
    private (RegisterId Register, Configuration Configuration)? _behind;
    private Guid _founders;
    private ulong _stageTag;
    private long _stageDeadline = long.MaxValue;

    public bool IsReconfiguring => !_target.IsEmpty;

    /// <summary>Who is to vote in the next epoch; empty when nothing is to change.</summary>
    public ImmutableArray<AcceptorId> Target => _target;

    /// <summary>All newcomers hold the value, and a majority of the next acceptors is there, so the epoch can be sealed. The first value is empty: there a majority is enough.</summary>
    private bool IsSealDue => !_target.IsEmpty
        && (!_founding.IsNone || _target.All(seat => _staged.Contains(seat) || _configuration!.Contains(seat)))
        && _target.Count(_staged.Contains) > _target.Length / 2;

    /// <summary>Changes who votes. False when this proposer is not in charge, or is changing it already.</summary>
    public bool TryReconfigure(long now, ImmutableArray<AcceptorId> seats)
    {
        _now = now;
        if (_phase is not (Phase.Leading or Phase.Accepting) || IsReconfiguring || _chosen is not { } chosen || seats.IsEmpty || seats.Length > Configuration.MaxAcceptors)
        {
            return false;
        }

        _target = seats;
        _stageTag = ++_lastTag;
        _stageDeadline = now + timing.StageTimeout.Ticks;
        _staged.Clear();
        foreach (var seat in seats)
        {
            // Who has a seat already holds the value; it is only asked whether it is still there.
            AcceptorRequest request = _configuration!.Contains(seat) ? new Query(chosen.Value.Position, WantsNews: false) : new Stage(chosen.Ballot, chosen.Value);
            Attendance.Asked(seat, now);
            outbox.Requests.Add(request with { Register = _register, To = seat, Tag = _stageTag });
        }

        return true;
    }

    private void OnStaged(AcceptorId from)
    {
        if (_target.Contains(from))
        {
            _staged.Add(from);
            if (IsSealDue)
            {
                _stageDeadline = long.MaxValue;
                Advance();
            }
        }
    }

    private void EndReconfiguration(bool succeeded)
    {
        if (IsReconfiguring)
        {
            outbox.Reconfigured.Add((_target, succeeded));
        }

        _target = [];
        (_founding, _heritage) = (default, null);
        _stageDeadline = long.MaxValue;
    }

    /// <summary>
    /// An acceptor of this epoch was never told of it. What any other one holds brings it in: the value that the epoch opened with, or a value that
    /// was proposed since, in the ballot that it was proposed in, like an accept that took long to arrive.
    /// </summary>
    private void OnAbsent(Absent absent)
    {
        if (_phase == Phase.Installing || _register.Epoch == 0 || !_configuration!.Contains(absent.To) || absent.From.Node != absent.To.Node)
        {
            return;
        }

        if (_chosen is { } chosen && chosen.Value.Configuration.Equals(_configuration))
        {
            Send(absent.To, new Install(chosen.Ballot, chosen.Value));
        }
        else if (_phase == Phase.Preparing && _promises.Count > 0)
        {
            var (accepted, value) = _promises.First().Value;
            Send(absent.To, new Install(accepted, value));
        }
        else if (IsEarlier(absent.Register) && absent.Configuration is { } earlier && !(earlier.Epoch < _behind?.Configuration.Epoch))
        {
            _behind = (absent.Register, earlier);
        }
    }

    /// <summary>
    /// The epoch is over. Whoever votes in it, or is being brought into the next one, may say so at any time, for it stays true, and its word counts as much as its votes do. The founders' seats do not
    /// tell who has them, so there it must be the answer to what was asked last.
    /// </summary>
    private void OnMoved(Moved moved)
    {
        var isEntitled = _register.Epoch == 0
            ? moved.Tag == _tag
            : moved.Register.Register == _register.Register
                && (_configuration!.HasSeatOf(moved.From.Node)
                    || _target.Any(seat => seat.Node == moved.From.Node)
                    || (_phase == Phase.Installing && _value!.Next!.HasSeatOf(moved.From.Node)));
        if (isEntitled)
        {
            Follow(_now, moved.Register, moved.Configuration, null);
        }
    }

    private bool IsEarlier(RegisterId register) =>
        (register.Register == _register.Register && register.Epoch < _register.Epoch) || (register.Epoch == 0 && register.Register == _founders);

    /// <summary>
    /// Goes back to an epoch that was sealed. Whoever sealed it died before enough acceptors were brought into the next, and those that were are
    /// gone; but a majority of the old ones still holds the seal, and so can open the next epoch again.
    /// </summary>
    private void TurnBack()
    {
        (_register, _configuration) = _behind!.Value;
        _behind = null;
        _chosen = null;
        _held.Clear();
        BeginPrepare();
    }

    private void BeginInstall()
    {
        Enter(Phase.Installing);
        _votes.Begin(_value!.Next!);
        SendInstall(_votes.Missing);
    }

    private void SendInstall(IEnumerable<AcceptorId> acceptors)
    {
        var opening = _value!.Open();
        foreach (var acceptor in acceptors)
        {
            outbox.Requests.Add(new Install(Ballot.None, opening) { Register = opening.Id(default), To = acceptor, Tag = _tag });
        }

        _resendAt = _now + timing.Resend.Ticks;
    }

    private void OnInstalled(AcceptorId from)
    {
        _votes.Agree(from);
        if (!_votes.IsWon)
        {
            return;
        }

        // Who loses its seat is told once, and not before: until the next epoch is open, the old acceptors are the ones that can open it again.
        SendInstall(_configuration!.Acceptors.Where(acceptor => _register.Epoch > 0 && !_value!.Next!.Contains(acceptor)));
        var opening = _value!.Open();
        EndReconfiguration(succeeded: opening.Configuration.Equals(Configuration.Of(opening.Configuration.Epoch, _target)));
        Rest();
        Follow(_now, opening.Id(default), opening.Configuration, opening);
        if (_phase == Phase.Idle)
        {
            BeginPrepare(); // who was in charge goes on
        }
    }
}
