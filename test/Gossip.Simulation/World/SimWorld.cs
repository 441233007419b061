using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// A whole cluster on one thread: hosts, links and virtual time. All that happens follows from the seed. It drives engines
/// as a node's pump does: one call, then what the outbox says.
/// </summary>
internal sealed class SimWorld
{
    /// <summary>Half a year after the epoch of the hybrid clock, so that clocks may be set back.</summary>
    public const ulong EpochMicros = 182UL * 24 * 3600 * 1_000_000;

    public const ulong ClusterHash = 0x51D0_51D0_51D0_51D0;

    /// <summary>Datagrams that a kernel keeps for a process that does not read them.</summary>
    private const int MaxUnreadDatagrams = 512;

    /// <summary>An engine that wants this many ticks at one moment does not get on.</summary>
    private const int MaxTicksAtOnce = 100;

    private readonly EventHeap _heap = new();
    private readonly Dictionary<NodeId, SimNode> _byId = [];
    private readonly Reactions _reactions;
    private int _ticksAtOnce;

    public SimWorld(SimSetup setup, TextWriter? traceText = null)
    {
        Setup = setup;
        Random = new SeededRandom(setup.Seed);
        Trace = new Trace(this, traceText);
        var outbox = new Outbox();
        for (var i = 0; i < setup.Nodes; i++)
        {
            var node = new SimNode(i, new NodeId(new UInt128(Random.NextUInt64(), Random.NextUInt64())), outbox);
            Nodes.Add(node);
            _byId.Add(node.Id, node);
        }

        Network = new SimNetwork(this);
        Streams = new SimStreams(this);
        Seeding = new SeedJoining(this);
        _reactions = new Reactions(this);
        Checks = Check.All(this);
    }

    public SimSetup Setup { get; }

    public SeededRandom Random { get; }

    public BufferPool Buffers { get; } = new();

    public FaultCounts Counts { get; } = new();

    public Trace Trace { get; }

    public List<SimNode> Nodes { get; } = [];

    public SimNetwork Network { get; }

    public SimStreams Streams { get; }

    public SeedJoining Seeding { get; }

    public IReadOnlyList<Check> Checks { get; }

    /// <summary>Virtual time, in ticks since the beginning of the world.</summary>
    public long Now { get; private set; }

    /// <summary>How many events have happened.</summary>
    public long Events { get; private set; }

    /// <summary>Whether nobody may say of a running process that it is dead.</summary>
    public bool FalseDeathsForbidden { get; set; }

    /// <summary>Whether no healthy member may declare a healthy one dead, whatever the sick ones do.</summary>
    public bool FalseVerdictsForbidden { get; set; }

    public SimNode? Find(NodeId id) => _byId.GetValueOrDefault(id);

    public void Plan(long at, in SimEvent planned) => _heap.Push(at, planned);

    public void After(TimeSpan delay, Action action) =>
        Plan(Now + delay.Ticks, new SimEvent { Kind = SimEventKind.Action, Subject = action });

    public void RunFor(TimeSpan time)
    {
        var until = Now + time.Ticks;
        while (_heap.TryPop(until, out var at, out var next))
        {
            _ticksAtOnce = at == Now ? _ticksAtOnce : 0;
            Now = at;
            Events++;
            Dispatch(next);
        }

        Now = until;
    }

    /// <summary>Lets an event happen now.</summary>
    public void Dispatch(in SimEvent happening)
    {
        switch (happening.Kind)
        {
            case SimEventKind.Action:
                ((Action)happening.Subject!)();
                return;
            case SimEventKind.Dial:
                Streams.OnDial((SimConnection)happening.Subject!);
                return;
            case SimEventKind.Resend:
                Streams.OnResend((SimConnection)happening.Subject!, happening.Node);
                return;
            case SimEventKind.Finished:
            case SimEventKind.Reset:
                Streams.OnClosed((SimConnection)happening.Subject!, happening.Node, orderly: happening.Kind == SimEventKind.Finished);
                return;
        }

        var node = Nodes[happening.Node];
        var timer = happening.Kind is SimEventKind.Tick or SimEventKind.JoinSeeds or SimEventKind.SendFailed;
        if (!node.IsUp || (timer && happening.Boot != node.Boot))
        {
            Buffers.Return(happening.Bytes);
        }
        else if (!node.IsPaused)
        {
            Handle(node, happening);
        }
        else if (happening.Kind != SimEventKind.Datagram || node.Inbox.Count < MaxUnreadDatagrams)
        {
            node.Inbox.Enqueue(happening);
        }
        else
        {
            Buffers.Return(happening.Bytes);
        }
    }

    /// <summary>Starts the process of a node that is down.</summary>
    public void Start(SimNode node)
    {
        if (node.IsUp)
        {
            throw new InvalidOperationException($"The scenario starts node {node.Index}, whose process runs.");
        }

        if (node.Boot > 0)
        {
            Counts.Count(Fault.Restart);
        }

        node.BeginLife(this);
        Trace.Note(node, "starts");
        var joins = node.Seeds.Exists(seed => seed != node.Endpoint);
        node.Engine!.Start(node.At(this), joins);
        AfterCall(node);
        OwnFacts.SetInitial(this, node);
        if (joins)
        {
            Seeding.Begin(node);
        }
    }

    /// <summary>Kills a process, or with <paramref name="silently"/> its whole host.</summary>
    public void Crash(SimNode node, bool silently)
    {
        if (node.IsUp)
        {
            Counts.Count(Fault.Crash);
            End(node, silently, silently ? "loses power" : "is killed");
        }
    }

    public void Leave(SimNode node)
    {
        if (node.IsRunning && !node.IsLeaving)
        {
            Counts.Count(Fault.Leave);
            node.IsLeaving = true;
            Trace.Note(node, "leaves");
            node.Engine!.Leave(node.At(this));
            AfterCall(node);
        }
    }

    public void Pause(SimNode node)
    {
        if (node.IsRunning)
        {
            Counts.Count(Fault.Pause);
            Trace.Note(node, "is paused");
            node.IsPaused = true;
        }
    }

    /// <summary>Gives a paused process time again: it reads what has arrived, and its timers are late.</summary>
    public void Resume(SimNode node)
    {
        if (!node.IsPaused)
        {
            return;
        }

        Trace.Note(node, "goes on");
        node.IsPaused = false;
        while (node.IsRunning && node.Inbox.TryDequeue(out var happening))
        {
            Dispatch(happening);
        }
    }

    /// <summary>Carries out what the engine wants after a call to it.</summary>
    public void AfterCall(SimNode node)
    {
        var outbox = node.Outbox;
        if (outbox.ViewChanged || outbox.Events.Count > 0)
        {
            foreach (var check in Checks)
            {
                check.OnChange(node);
            }
        }

        var transmits = outbox.Transmits;
        for (var i = 0; i < transmits.Count; i++)
        {
            Transmit(node, transmits[i]);
        }

        foreach (var happened in outbox.Events)
        {
            Trace.Event(node, happened);
            foreach (var check in Checks)
            {
                check.OnEvent(node, happened);
            }

            _reactions.Await(happened);
        }

        outbox.Clear();
        Arm(node);
        _reactions.React(node);
    }

    /// <summary>Ends a process, and with <paramref name="silently"/> its whole host.</summary>
    public void End(SimNode node, bool silently, string how)
    {
        Trace.Note(node, how);
        node.EndLife(Now, silently);
        Streams.OnProcessEnded(node.Index, silently);
    }

    private void Handle(SimNode node, in SimEvent happening)
    {
        var engine = node.Engine!;
        var now = node.At(this);
        switch (happening.Kind)
        {
            case SimEventKind.Tick:
                OnTick(node, engine, now);
                return;
            case SimEventKind.JoinSeeds:
                Seeding.OnTimer(node);
                return;
            case SimEventKind.Datagram:
                Trace.Arrival(happening);
                engine.OnPacket(now, new PacketSource(SimNetwork.EndpointOf(happening.Peer), 0), happening.Bytes.AsSpan(0, happening.Length));
                Buffers.Return(happening.Bytes);
                break;
            case SimEventKind.Frame:
                var connection = (SimConnection)happening.Subject!;
                if (connection.LaneFrom(node.Index).Open)
                {
                    Trace.Arrival(happening);
                    engine.OnPacket(now, new PacketSource(SimNetwork.EndpointOf(happening.Peer), connection.Id), happening.Bytes.AsSpan(0, happening.Length));
                }

                Buffers.Return(happening.Bytes);
                break;
            case SimEventKind.Undeliverable:
            case SimEventKind.Refused:
                engine.OnUndeliverable(now, SimNetwork.EndpointOf(happening.Peer), refused: happening.Kind == SimEventKind.Refused);
                break;
            case SimEventKind.SendFailed:
                engine.OnSendFailed(now);
                break;
            case SimEventKind.Disconnected:
                engine.OnDisconnected(now, SimNetwork.EndpointOf(happening.Peer));
                break;
            case SimEventKind.Closed:
                engine.OnClosed(now, SimNetwork.EndpointOf(happening.Peer));
                break;
        }

        AfterCall(node);
    }

    private void OnTick(SimNode node, GossipEngine engine, in Moment now)
    {
        if (Now < node.ArmedAt)
        {
            return; // an earlier tick was planned meanwhile, and this one is left over
        }

        if (engine.NextDeadline > now.Ticks)
        {
            // The deadline moved away, and the tick that was planned for it stayed.
            Events--;
            node.ArmedAt = long.MaxValue;
            Arm(node);
            return;
        }

        if (++_ticksAtOnce > MaxTicksAtOnce * Nodes.Count)
        {
            throw new ViolationException("progress", $"node {node.Index} asks for tick after tick without any time passing");
        }

        node.ArmedAt = long.MaxValue;
        engine.OnTick(now);
        AfterCall(node);
    }

    private void Arm(SimNode node)
    {
        var deadline = node.Engine!.NextDeadline;
        if (!node.IsUp || deadline == long.MaxValue)
        {
            return;
        }

        var at = Math.Max(Now, deadline - node.TickOffset);
        if (at < node.ArmedAt)
        {
            node.ArmedAt = at;
            Plan(at, new SimEvent { Kind = SimEventKind.Tick, Node = node.Index, Boot = node.Boot });
        }
    }

    private void Transmit(SimNode node, in Transmit transmit)
    {
        ReadOnlySpan<byte> packet = node.Outbox.Bytes(transmit);
        if (Network.Tamper is { } tamper)
        {
            packet = tamper(node.Index, Network.NodeAt(transmit.To), packet);
            if (packet.IsEmpty)
            {
                return;
            }
        }

        Trace.Departure(node, transmit, packet);
        switch (transmit.Path)
        {
            case TransmitPath.Datagram:
                Network.SendDatagram(node, transmit.To, packet);
                break;
            case TransmitPath.Stream:
                Streams.Send(node, transmit.To, packet);
                break;
            default:
                Streams.SendOn(node, transmit.ConnectionId, packet);
                break;
        }
    }
}
