using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// How a node leaves: first it announces it, while it still finishes its work; then it tells a few members that it is gone
/// and waits until they acknowledged, so that nobody has to find out by probing.
/// </summary>
internal sealed class LeaveProtocol
{
    /// <summary>How many members must acknowledge, where there are as many.</summary>
    private const int WitnessCount = 3;

    /// <summary>How often a witness that does not acknowledge is told.</summary>
    private const int MaxAttempts = 3;

    /// <summary>Sequence numbers of farewells; they are apart from those of probes, which count up from a small number.</summary>
    private const ulong FirstSequence = 1UL << 32;

    private readonly EngineContext _context;
    private readonly List<Member> _witnesses = [];
    private readonly Func<Member, bool> _isWitness;
    private int _attempts;
    private long _nextAttempt = long.MaxValue;

    public LeaveProtocol(EngineContext context)
    {
        _context = context;
        _isWitness = member => member.Slot != MemberTable.LocalSlot && member.State == MemberState.Alive && !_witnesses.Contains(member);
    }

    public long NextDeadline => _nextAttempt;

    /// <summary>Says that the node is leaving: it takes no new work, and its absence will be no failure.</summary>
    public void Announce() => SpeakOf(MemberState.Leaving);

    /// <summary>Says goodbye. The end comes as an event.</summary>
    public void Leave()
    {
        SpeakOf(MemberState.Left);
        while (!_context.Options.IsClient && _witnesses.Count < WitnessCount && _context.PickPresent(_isWitness) is { } witness)
        {
            _witnesses.Add(witness);
        }

        _nextAttempt = _context.Now.Ticks;
        OnTick();
    }

    public void OnTick()
    {
        if (_context.Now.Ticks < _nextAttempt)
        {
            return;
        }

        if (_witnesses.Count == 0 || _attempts == MaxAttempts)
        {
            Settle();
            return;
        }

        for (var i = 0; i < _witnesses.Count; i++)
        {
            var writer = _context.Packets.BeginDatagram();
            new ProbeMessage { Sequence = FirstSequence + (ulong)_witnesses[i].Slot, Target = _witnesses[i].Instance }.Write(ref writer, MessageKind.Ping);
            _context.Self.ToStatement(_context.Now.Ticks, history: false).Write(ref writer);
            _context.Packets.ToMember(ref writer, _witnesses[i]);
        }

        _attempts++;
        _nextAttempt = _context.Now.Ticks + _context.Timing.ProbeTimeout.Ticks;
    }

    /// <summary>False when the acknowledgement is not of a farewell.</summary>
    public bool OnAck(in ProbeMessage ack)
    {
        if (ack.Sequence < FirstSequence || !RemoveWitness(ack.Sequence - FirstSequence))
        {
            return false;
        }

        if (_witnesses.Count == 0)
        {
            Settle();
        }

        return true;
    }

    /// <summary>A search without a closure, which every acknowledgement of a probe would pay for.</summary>
    private bool RemoveWitness(ulong slot)
    {
        for (var i = 0; i < _witnesses.Count; i++)
        {
            if ((ulong)_witnesses[i].Slot == slot)
            {
                _witnesses.RemoveAt(i);
                return true;
            }
        }

        return false;
    }

    private void SpeakOf(MemberState state)
    {
        var self = _context.Self;
        var before = self.State;
        self.Incarnation++;
        _context.Table.SetState(self, state, _context.Now.Ticks);
        _context.Rumours.TellMember(self);
        _context.Outbox.ViewChanged = true;
        _context.Outbox.Events.Add(new EngineEvent(EngineEventKind.StateChanged)
        {
            Subject = self.Instance,
            Endpoint = self.Endpoint,
            Before = before,
            After = state,
            Reason = "the node was asked to leave",
        });
    }

    private void Settle()
    {
        _nextAttempt = long.MaxValue;
        _witnesses.Clear();
        _context.Outbox.Events.Add(new EngineEvent(EngineEventKind.LeaveSettled) { Subject = _context.Self.Instance });
    }
}
