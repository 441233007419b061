using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// Probes members and accuses those that do not answer (SWIM §3.1, Lifeguard §IV-A): first directly; then, together, through
/// other members and over a stream. Helpers that report failure send a nack, so that silence of the helpers is
/// evidence about this node's own health.
/// </summary>
internal sealed class FailureDetector
{
    /// <summary>Probes that may be under way at once: one of the schedule and a few that were asked for.</summary>
    private const int MaxProbes = 32;

    private readonly EngineContext _context;
    private readonly MembershipRules _rules;
    private readonly ProbeSchedule _schedule;
    private readonly List<Probe> _probes = [];
    private readonly Stack<Probe> _spare = []; // those that ended, for the next ones: a probe goes out all the time
    private readonly List<Member> _helpers = [];
    private readonly Func<Member, bool> _isHelper;
    private Member? _helpTarget;
    private ulong _sequence;
    private long _nextProbe = long.MaxValue;

    public FailureDetector(EngineContext context, MembershipRules rules, ProbeSchedule schedule)
    {
        _context = context;
        _rules = rules;
        _schedule = schedule;
        _sequence = context.Random.NextUInt64() >> 40; // small enough for a short varint, different after a restart
        _isHelper = member => member.Slot != MemberTable.LocalSlot && member.State == MemberState.Alive && member != _helpTarget && !_helpers.Contains(member);
        Relay = new ProbeRelay(context, NextSequence);
    }

    /// <summary>The probes that this node does for others.</summary>
    public ProbeRelay Relay { get; }

    public long NextDeadline
    {
        get
        {
            var next = Math.Min(_nextProbe, Relay.NextDeadline);
            foreach (var probe in _probes)
            {
                next = Math.Min(next, probe.Deadline);
            }

            return next;
        }
    }

    /// <summary>Starts the schedule; the first probe comes at a random time, so that nodes started together do not probe in step.</summary>
    public void Start() => _nextProbe = _context.Now.Ticks + _context.Random.NextTicks(_context.Timing.ProbeInterval.Ticks);

    public void Stop()
    {
        _nextProbe = long.MaxValue;
        _probes.Clear();
    }

    public void OnTick()
    {
        var now = _context.Now.Ticks;
        if (now >= _nextProbe)
        {
            _nextProbe = now + _context.Awareness.Scale(_context.Timing.ProbeInterval);
            if (_schedule.Next() is { } member)
            {
                StartProbe(member);
            }
        }

        for (var i = _probes.Count - 1; i >= 0; i--)
        {
            var probe = _probes[i];
            if (probe.Deadline <= now)
            {
                Advance(probe);
            }
        }

        Relay.OnTick();
    }

    /// <summary>Probes a member now, out of turn.</summary>
    public void StartProbe(Member member)
    {
        if (_probes.Count >= MaxProbes || IsProbed(member))
        {
            return;
        }

        var probe = _spare.TryPop(out var spare) ? spare : new Probe(member);
        probe.Begin(member, NextSequence(), _context.Now.Ticks + _context.Awareness.Scale(_context.Timing.ProbeTimeout));
        _probes.Add(probe);
        SendPing(member, probe.Sequence);
    }

    /// <summary>Sends a ping that no one waits for: its purpose is what it carries, and the answer to it.</summary>
    public void SendPing(Member member) => SendPing(member, NextSequence());

    public void OnAck(in ProbeMessage ack, NodeId sender)
    {
        if (Relay.OnAck(ack.Sequence, sender))
        {
            return;
        }

        if (Find(ack.Sequence) is { } probe && (sender == probe.Target.Id || probe.IndexOfHelper(sender) >= 0))
        {
            End(probe);
            _context.Awareness.Improve();
        }
    }

    public void OnNack(in ProbeMessage nack, NodeId sender)
    {
        var probe = Find(nack.Sequence);
        var helper = probe?.IndexOfHelper(sender) ?? -1;
        if (helper >= 0 && !probe!.Helpers[helper].Nacked)
        {
            probe.Helpers[helper] = (sender, true);
            File(probe, sender, EvidenceKind.IndirectProbeFailed);
        }
    }

    /// <summary>
    /// A stream to an endpoint could not be opened, or broke. When the host itself <paramref name="refused"/> it, the process is gone, or
    /// cannot be reached for long: helpers then have only the time in which an answer by another way would be there.
    /// </summary>
    public void OnStreamFailed(in NodeEndpoint endpoint, bool refused)
    {
        foreach (var probe in _probes)
        {
            if (probe.IsIndirect && probe.Target.Endpoint == endpoint && !probe.StreamFailed)
            {
                probe.StreamFailed = true;
                File(probe, _context.Self.Id, EvidenceKind.StreamProbeRefused);
                if (refused)
                {
                    probe.Refused = true;
                    probe.Deadline = Math.Min(probe.Deadline, _context.Now.Ticks + _context.Awareness.Scale(_context.Timing.RefusalTimeout));
                }
            }
        }
    }

    private ulong NextSequence() => ++_sequence;

    private Probe? Find(ulong sequence)
    {
        foreach (var probe in _probes)
        {
            if (probe.Sequence == sequence)
            {
                return probe;
            }
        }

        return null;
    }

    private bool IsProbed(Member member)
    {
        foreach (var probe in _probes)
        {
            if (probe.Target == member)
            {
                return true;
            }
        }

        return false;
    }

    private void End(Probe probe)
    {
        _probes.Remove(probe);
        _spare.Push(probe);
    }

    private void SendPing(Member member, ulong sequence)
    {
        var writer = _context.Packets.BeginDatagram();
        new ProbeMessage { Sequence = sequence, Target = member.Instance }.Write(ref writer, MessageKind.Ping);
        TellItsState(ref writer, member);
        _context.Packets.ToMember(ref writer, member);
    }

    /// <summary>A member that is suspected or thought dead hears of it first, so that it can refute (Lifeguard §IV-C).</summary>
    private void TellItsState(ref WireWriter writer, Member member)
    {
        if (member.Suspicion is { } suspicion)
        {
            _context.Rumours.WriteAccusation(ref writer, member, suspicion.Accusers[0]);
        }
        else if (member.IsGone)
        {
            member.ToStatement(_context.Now.Ticks, history: false).Write(ref writer);
        }
    }

    private void Advance(Probe probe)
    {
        if (!probe.Target.IsPresent || _context.Table[probe.Target.Slot] != probe.Target || probe.Target.Instance != probe.Instance)
        {
            End(probe);
        }
        else if (!probe.IsIndirect)
        {
            AskOthers(probe);
        }
        else
        {
            Fail(probe);
        }
    }

    private void AskOthers(Probe probe)
    {
        File(probe, _context.Self.Id, EvidenceKind.DirectProbeTimedOut);
        probe.IsIndirect = true;
        probe.Deadline = _context.Now.Ticks + _context.Awareness.Scale(_context.Timing.IndirectTimeout);
        _helpTarget = probe.Target;
        _helpers.Clear();
        while (_helpers.Count < _context.Timing.IndirectProbes && _context.PickPresent(_isHelper) is { } helper)
        {
            _helpers.Add(helper);
            probe.Helpers.Add((helper.Id, false));
            var writer = _context.Packets.BeginDatagram();
            new ProbeMessage
            {
                Sequence = probe.Sequence,
                Target = probe.Target.Instance,
                Endpoint = probe.Target.Endpoint,
                Traits = probe.Target.Traits,
            }.Write(ref writer, MessageKind.PingRequest);
            _context.Packets.ToMember(ref writer, helper);
        }

        var stream = _context.Packets.BeginDatagram();
        new ProbeMessage { Sequence = probe.Sequence, Target = probe.Target.Instance }.Write(ref stream, MessageKind.Ping);
        TellItsState(ref stream, probe.Target);
        _context.Packets.Stream(ref stream, probe.Target.Endpoint);
    }

    private void Fail(Probe probe)
    {
        End(probe); // what it found out can still be read: nothing below begins another
        if (!probe.StreamFailed)
        {
            File(probe, _context.Self.Id, EvidenceKind.StreamProbeTimedOut);
        }

        if (probe.Refused)
        {
            // The helpers had no time to be late, and the refusal shows that this node hears.
            _rules.Accuse(probe.Target, refused: true);
            return;
        }

        var silent = 0;
        foreach (var (helper, nacked) in probe.Helpers)
        {
            if (!nacked)
            {
                silent++;
                File(probe, helper, EvidenceKind.IndirectProbeUnanswered);
            }
        }

        // Without helpers nobody can vouch for this node, so it doubts itself a little (memberlist does the same).
        _context.Awareness.Worsen(probe.Helpers.Count == 0 ? 1 : silent);
        _rules.Accuse(probe.Target, refused: false);
    }

    private void File(Probe probe, NodeId witness, EvidenceKind kind)
    {
        // What comes in after the death was no reason for it.
        if (probe.Target.IsPresent)
        {
            (probe.Target.Case ??= new CaseFile()).Add(_context.Now.Ticks, witness, kind);
        }
    }
}
