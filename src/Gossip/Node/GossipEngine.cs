using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Transport;

namespace Gossip.Node;

/// <summary>
/// The whole protocol of one life of a node as a pure state machine: packets, ticks and commands go in; packets, events and
/// one next deadline come out through the <see cref="Outbox"/>. It has no socket, clock, task, lock or log: its owner
/// (the pump of a node, or the simulator) calls it from one thread at a time and carries out what the outbox says after each call.
/// </summary>
internal sealed class GossipEngine
{
    private readonly EngineContext _context;
    private readonly MembershipRules _rules;
    private readonly FailureDetector _detector;
    private readonly Reconnector _reconnector;
    private readonly Reaper _reaper;
    private readonly AntiEntropy _antiEntropy;
    private readonly FactsExchange _facts;
    private readonly OwnFacts _ownFacts;
    private readonly JoinProtocol _join;
    private readonly LeaveProtocol _leave;
    private readonly Broadcasts _broadcasts;
    private readonly BroadcastWindow _window;
    private readonly BroadcastRepair _repair;
    private readonly ClientContact _contact;
    private readonly PacketHandler _packets;
    private bool _leaving;
    private byte _version;
    private long _nextBlame = long.MinValue;

    public GossipEngine(EngineOptions options, Outbox outbox)
    {
        _context = new EngineContext(options, outbox);
        var schedule = new ProbeSchedule(_context);
        _rules = new MembershipRules(_context, schedule);
        _detector = new FailureDetector(_context, _rules, schedule);
        _antiEntropy = new AntiEntropy(_context);
        _facts = new FactsExchange(_context, _antiEntropy);
        _ownFacts = new OwnFacts(_context);
        var broadcastTiming = new BroadcastTiming(options.Timing, options.BroadcastWindow);
        _window = new BroadcastWindow(options.BroadcastWindow.Ticks, options.MaxBroadcastBytes, options.BroadcastCounters);
        _repair = new BroadcastRepair(_context, _window, broadcastTiming);
        _join = new JoinProtocol(_context, _rules, OnLetIn);
        var former = new FormerMembers(_context, _join);
        _reconnector = new Reconnector(_context, _detector, former);
        _reaper = new Reaper(_context, former);
        _leave = new LeaveProtocol(_context);
        _broadcasts = new Broadcasts(_context, _window, _repair, broadcastTiming);
        _contact = new ClientContact(_context, _antiEntropy);
        _packets = new PacketHandler(_context, _rules, _detector, _antiEntropy, _facts, _join, _leave, _broadcasts, _repair, _contact);
        _rules.Revived = OnRevived;
        var self = _context.Table.TryAdd(options.Self, options.Endpoint, out _)!;
        self.Traits = options.Traits;
        self.Versions = options.Versions;
        self.Features = options.Features;
        _version = options.Versions.Max;
    }

    public EngineOptions Options => _context.Options;

    public MemberTable Table => _context.Table;

    /// <summary>The wire version in which the node writes now.</summary>
    public byte Version => _context.Version;

    public int AwarenessScore => _context.Awareness.Score;

    public RumourQueue SystemRumours => _context.Rumours.System;

    public RumourQueue UserRumours => _context.Rumours.User;

    /// <summary>The broadcasts that are kept for others.</summary>
    public BroadcastWindow Broadcasts => _window;

    /// <summary>How many broadcasts the node knows it lacks.</summary>
    public int BroadcastsWanted => _repair.Wanted;

    /// <summary>The largest payload that <see cref="TryBroadcast"/> sends as a rumour.</summary>
    public int MaxBroadcastPayload => _broadcasts.MaxPayload;

    /// <summary>Packets that were dropped because they could not be read, or were of another cluster or version.</summary>
    public long PacketsRefused => _packets.Refused;

    /// <summary>When <see cref="OnTick"/> must be called next; <see cref="long.MaxValue"/> when nothing is planned.</summary>
    public long NextDeadline
    {
        get
        {
            var next = Math.Min(_detector.NextDeadline, Math.Min(_rules.NextDeadline, _contact.NextDeadline));
            next = Math.Min(next, Math.Min(_reconnector.NextDeadline, _antiEntropy.NextDeadline));
            next = Math.Min(next, Math.Min(_facts.NextDeadline, _join.NextDeadline));
            next = Math.Min(next, Math.Min(_leave.NextDeadline, _reaper.NextDeadline));
            return Math.Min(next, Math.Min(_repair.NextDeadline, _context.Rumours.NextDeadline));
        }
    }

    /// <summary>Begins to take part.</summary>
    /// <param name="now">The time.</param>
    /// <param name="joining">True when the node is to join others first: until then it calls itself joining.</param>
    public void Start(in Moment now, bool joining)
    {
        _context.Now = now;
        _context.Table.SetState(_context.Self, joining ? MemberState.Joining : MemberState.Alive, now.Ticks);
        _context.Outbox.ViewChanged = true;
        _reaper.Start();
        if (Options.IsClient)
        {
            _contact.Start();
            return;
        }

        _detector.Start();
        _reconnector.Start();
        _antiEntropy.Start();
    }

    /// <summary>Ends the wait for a join: the node takes part, alone if need be.</summary>
    public void BecomeAlive(in Moment now)
    {
        _context.Now = now;
        _context.BecomeAlive();
    }

    public void OnTick(in Moment now)
    {
        _context.Now = now;
        _join.OnTick();
        _detector.OnTick();
        _rules.OnTick();
        _contact.OnTick();
        _reconnector.OnTick();
        _reaper.OnTick();
        _facts.OnTick();
        _antiEntropy.OnTick();
        _leave.OnTick();
        _repair.OnTick();
        _context.Rumours.OnTick();
        if (_context.Version != _version)
        {
            // It may change without a change of the members, when what a host said is no longer needed.
            _version = _context.Version;
            _context.Outbox.ViewChanged = true;
        }
    }

    /// <summary>Handles a packet, whatever its bytes are.</summary>
    public void OnPacket(in Moment now, in PacketSource source, ReadOnlySpan<byte> packet)
    {
        _context.Now = now;
        if (_context.Self.State == MemberState.Left && !_leaving)
        {
            _packets.Refuse(); // the node does not take part any more
            return;
        }

        _packets.Handle(source, packet);
    }

    /// <summary>A stream to an endpoint could not be opened, or broke before a packet was written.</summary>
    /// <param name="now">The time.</param>
    /// <param name="endpoint">Where it led.</param>
    /// <param name="refused">True when the host itself said that no process listens there.</param>
    public void OnUndeliverable(in Moment now, in NodeEndpoint endpoint, bool refused)
    {
        _context.Now = now;
        _detector.OnStreamFailed(endpoint, refused);
        _contact.OnLost(endpoint);
        _join.OnUndeliverable(endpoint);
        _repair.OnLost(endpoint);
    }

    /// <summary>The local host could not send a datagram: this node may be the sick one (Lifeguard §IV-A).</summary>
    public void OnSendFailed(in Moment now)
    {
        _context.Now = now;
        if (now.Ticks >= _nextBlame)
        {
            // A burst of errors is one piece of evidence.
            _nextBlame = now.Ticks + Options.Timing.ProbeInterval.Ticks;
            _context.Awareness.Worsen();
        }
    }

    /// <summary>A connection to a member broke: a reason to probe it now, and to compare views, because frames may be lost.</summary>
    public void OnDisconnected(in Moment now, in NodeEndpoint endpoint)
    {
        _context.Now = now;
        _repair.OnLost(endpoint);
        if (TryProbe(now, endpoint))
        {
            _antiEntropy.OnGap(endpoint);
        }
    }

    /// <summary>A connection to a member ended in order. Nothing was lost; but so ends that of a killed process, and a probe costs little.</summary>
    public void OnClosed(in Moment now, in NodeEndpoint endpoint)
    {
        _context.Now = now;
        _repair.OnLost(endpoint);
        TryProbe(now, endpoint);
    }

    /// <summary>Asks whoever listens at <paramref name="endpoint"/> to let this node in; the end comes as an event with the token.</summary>
    public void Join(in Moment now, in NodeEndpoint endpoint, long token)
    {
        _context.Now = now;
        _join.Join(endpoint, token);
    }

    public void AnnounceLeaving(in Moment now)
    {
        _context.Now = now;
        _leave.Announce();
    }

    /// <summary>Says goodbye and stops to take part; the end comes as an event.</summary>
    public void Leave(in Moment now)
    {
        _context.Now = now;
        _leaving = true;
        _join.Stop();
        _contact.Stop();
        _detector.Stop();
        _reconnector.Stop();
        _reaper.Stop();
        _antiEntropy.Stop();
        _facts.Stop();
        _repair.Stop();
        _leave.Leave();
    }

    /// <summary>Falls silent: after the leave has settled no packet is answered.</summary>
    public void Stop() => _leaving = false;

    /// <summary>Changes the node's own tags and metadata, all or nothing; a null value removes.</summary>
    /// <exception cref="MetadataLimitException">There would be too much.</exception>
    public void ChangeFacts(in Moment now, IReadOnlyList<FactChange> changes)
    {
        _context.Now = now;
        _ownFacts.Change(changes);
    }

    /// <summary>Takes over what the last life of this node said about itself.</summary>
    public void InheritFacts(in Moment now, GossipEngine last)
    {
        _context.Now = now;
        _ownFacts.Change([.. last._context.Self.Facts.Existing()]);
    }

    /// <summary>Presents this life to members that the last one knew.</summary>
    public void JoinMembersOf(in Moment now, GossipEngine last)
    {
        _context.Now = now;
        var presented = 0;
        foreach (var member in last.Table.All)
        {
            if (member.IsPresent && member.Slot != MemberTable.LocalSlot && presented < Options.Timing.GossipFanout)
            {
                _join.Join(member.Endpoint, -(++presented)); // nobody waits for these: users' tokens are positive
            }
        }
    }

    /// <summary>Ends this life because another takes its place: whoever waits for a join is told.</summary>
    public void Abandon(in Moment now)
    {
        _context.Now = now;
        _join.Stop();
    }

    /// <summary>Spreads a user's broadcast.</summary>
    public BroadcastOutcome TryBroadcast(in Moment now, ReadOnlySpan<byte> payload)
    {
        _context.Now = now;
        return _broadcasts.TrySend(payload);
    }

    /// <summary>Declares for the whole cluster that a dead member will not come back. False when it is not dead.</summary>
    public bool Forget(in Moment now, NodeId id)
    {
        _context.Now = now;
        if (!Table.TryFind(id, out var member) || !member.IsGone)
        {
            return false;
        }

        _rules.Forget(member);
        return true;
    }

    /// <summary>What others know, and this node not, it asks the one who let it in for.</summary>
    private void OnLetIn(NodeEndpoint host)
    {
        _antiEntropy.Compare(host);
        _repair.OnJoined(host);
    }

    /// <summary>Who was thought dead may have missed something, as may this node.</summary>
    private void OnRevived(Member member)
    {
        _antiEntropy.OnGap(member.Endpoint);
        _repair.Hurry();
    }

    /// <summary>Probes whoever is believed to live at an endpoint; a client, which probes nobody, turns to another contact.</summary>
    private bool TryProbe(in Moment now, in NodeEndpoint endpoint)
    {
        _context.Now = now;
        if (Options.IsClient)
        {
            _contact.OnLost(endpoint);
            return false;
        }

        foreach (var member in Table.All)
        {
            if (member.Endpoint == endpoint && member.Slot != MemberTable.LocalSlot && member.State == MemberState.Alive)
            {
                _detector.StartProbe(member);
                return true;
            }
        }

        return false;
    }
}
