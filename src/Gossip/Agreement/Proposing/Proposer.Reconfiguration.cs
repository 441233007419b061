using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <content>From one epoch to the next: newcomers are given the value, the epoch is sealed, and the next one opens with what was sealed.</content>
internal sealed partial class Proposer
{
    private readonly HashSet<AcceptorId> _staged = [];
    private ImmutableArray<AcceptorId> _target = [];
    private ulong _stageTag;
    private long _stageDeadline = long.MaxValue;

    public bool IsReconfiguring => !_target.IsEmpty;

    /// <summary>All newcomers hold the value, so the epoch can be sealed.</summary>
    private bool IsSealDue => !_target.IsEmpty && _target.All(_staged.Contains);

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
            if (_configuration!.Contains(seat))
            {
                _staged.Add(seat);
            }
            else
            {
                outbox.Requests.Add(new Stage(chosen.Value) { Register = _register, To = seat, Tag = _stageTag });
            }
        }

        Advance();
        return true;
    }

    private void OnStaged(Staged staged)
    {
        if (_target.Contains(staged.From))
        {
            _staged.Add(staged.From);
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
        _stageDeadline = long.MaxValue;
    }

    private void BeginInstall()
    {
        Enter(Phase.Installing);
        _votes.Begin(_value!.Next!);
        SendInstall(_votes.Missing);

        // Who loses its seat is told once. It matters to nobody else: in the sealed epoch nothing can change any more.
        SendInstall(_configuration!.Acceptors.Where(acceptor => _register.Epoch > 0 && !_value.Next!.Contains(acceptor)));
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

        var opening = _value!.Open();
        EndReconfiguration(succeeded: opening.Configuration.Equals(Configuration.Of(opening.Configuration.Epoch, _target)));
        _founding = default;
        Follow(_now, opening.Id(default), opening.Configuration, opening);
        if (_phase == Phase.Idle)
        {
            BeginPrepare(); // who was in charge goes on
        }
    }
}
