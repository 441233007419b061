using System.Collections.Immutable;
using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Transport;

namespace Gossip.Simulation.Registers;

/// <summary>One node: its engine with a disk, the network, gossip, and users. It does what the owner of the engine does.</summary>
internal sealed class RegisterNode(RegisterWorld world, int index, NodeId id, bool isDurable)
{
    private const int BasePort = 1000;
    private const int Zones = 3;
    private static readonly ProposerTiming Timing = new();
    private static readonly SeatTiming Seats = new()
    {
        Period = TimeSpan.FromMilliseconds(300),
        DurablePatience = TimeSpan.FromSeconds(2.5),
        VolatilePatience = TimeSpan.FromSeconds(1.5),
        SilencePatience = TimeSpan.FromSeconds(2),
    };

    private readonly Queue<Action<RegisterNode>> _held = [];
    private readonly HashSet<ulong> _generations = [];
    private AgreementOutbox _outbox = new();
    private long _tickAt = long.MaxValue;
    private bool _isFounding;
    private bool _hasVoted;
    private bool _hasStore;

    public int Index { get; } = index;

    public NodeId Id { get; } = id;

    public NodeEndpoint Address { get; } = NodeEndpoint.From(System.Net.IPAddress.Loopback, (ushort)(BasePort + index));

    public bool IsDurable { get; } = isDurable;

    public NodeInstance Instance { get; private set; }

    public RegisterClock Clock { get; } = new(world, index);

    /// <summary>Who founds, as this node was told.</summary>
    public ImmutableArray<NodeEndpoint> Founders { get; set; } = [];

    /// <summary>The process is about to end in order, and so wants no seat any more.</summary>
    public bool IsStopping { get; set; }

    public int Life { get; private set; }

    public bool IsUp { get; private set; }

    public bool IsPaused { get; private set; }

    public long DownSince { get; private set; }

    public RegisterDisk Disk { get; private set; } = new(world, isDurable);

    public AcceptorPort Port { get; private set; } = null!;

    public Acceptor Acceptor => Port.Acceptor;

    public AgreementEngine Engine { get; private set; } = null!;

    public Proposer Proposer => Engine.Proposer;

    public NodeClient Client { get; private set; } = null!;

    public RegisterGossip Gossip { get; private set; } = null!;

    /// <summary>Starts the node.</summary>
    /// <param name="isFirst">Nothing that it did before counts: either it did nothing, or an operator saw to it that nothing was founded.</param>
    public void Start(bool isFirst = false)
    {
        isFirst |= Life == 0;
        Life++;
        IsUp = true;
        IsStopping = false;
        Clock.Begin();
        Instance = new NodeInstance(Id, Generation());
        _hasVoted = !isFirst && (_hasVoted || Acceptor.Value is not null);
        var store = _hasStore && (IsDurable || world.Plant.ReusesStores) ? Acceptor.Self.Store : world.DrawGuid();
        if (!IsDurable)
        {
            RemoveStore();
        }

        Port = world.Plant.Port(this, new AcceptorId(Id, store));
        foreach (var record in Disk.Records)
        {
            Port.Replay(record);
        }

        _outbox = new AgreementOutbox();
        _tickAt = long.MaxValue;
        _isFounding = false;
        _hasStore = true;
        Engine = new AgreementEngine(Setup(isFirst), Port.Acceptor, _outbox, Port.Handle);
        Client = new NodeClient(world, this);
        Gossip = new RegisterGossip(world, this);
        var life = Life;
        world.At(world.Now, () => Receive(life, _ =>
        {
            Call((engine, now) => engine.Start(now));
            Client.Begin();
        }));
        Every(RegisterGossip.Period, Gossip.Tell);
    }

    public void Kill()
    {
        End();
        Disk.Crash();
    }

    /// <summary>The process ends in order: what it wrote is durable.</summary>
    public void Stop()
    {
        End();
        Disk.Close();
    }

    /// <summary>The next life begins with an empty store.</summary>
    public void RemoveStore() => (Disk, _hasStore) = (new RegisterDisk(world, IsDurable), false);

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        while (!IsPaused && IsUp && _held.TryDequeue(out var deliver))
        {
            deliver(this);
        }
    }

    /// <summary>Something happens to the process, now or when it is no longer paused.</summary>
    public void Receive(Action<RegisterNode> what)
    {
        if (IsUp && !IsPaused)
        {
            what(this);
        }
        else if (IsUp)
        {
            _held.Enqueue(what);
        }
    }

    /// <summary>Something happens to this life of the process, and to no later one.</summary>
    public void Receive(int life, Action<RegisterNode> what) => Receive(node =>
    {
        if (node.Life == life)
        {
            what(node);
        }
    });

    /// <summary>A message for one life, as messages name it.</summary>
    public void Receive(NodeInstance life, Action<RegisterNode> what) => Receive(node =>
    {
        if (node.Instance == life)
        {
            what(node);
        }
    });

    /// <summary>Calls the engine, and carries out what it wants.</summary>
    public void Call(Action<AgreementEngine, long> call)
    {
        var (wasLeading, epoch, wasFounding) = (Proposer.IsLeading, Proposer.Register.Epoch, _isFounding);
        call(Engine, Clock.Now);
        _isFounding = Proposer is { IsReconfiguring: true, Register.Epoch: 0 };
        world.Count(!wasLeading && Proposer.IsLeading, Happening.ProposerChange);
        world.Count(Proposer.Register.Epoch > epoch, Happening.EpochChange);
        world.Count(Proposer.Register.Epoch < epoch, Happening.TurnedBack);
        world.Count(!wasFounding && _isFounding, Happening.RivalFounding);
        if (Proposer.IsReconfiguring)
        {
            world.Target(Proposer.Target);
        }

        Drain();
    }

    /// <summary>Takes what gossip says of the others, and says whether this node wants a seat.</summary>
    public void OnPeers() => Call((engine, now) =>
    {
        engine.OfferSeat(now, !IsStopping && !world.Retired.Contains(Index));
        engine.OnPeers(now, Gossip.Peers());
    });

    private void End()
    {
        IsUp = false;
        DownSince = world.Now;
        IsPaused = false;
        _held.Clear();
    }

    /// <summary>What the wall clock shows, as nodes number their lives, where clocks are wrong; a life after the clock was set back is behind the one before.</summary>
    private ulong Generation()
    {
        if (world.Setup.Skew == TimeSpan.Zero)
        {
            return (ulong)Life;
        }

        var generation = HybridTimestamp.ToMicros(Clock.Wall);
        world.Count(Life > 1 && generation < Instance.Generation, Happening.ClockWentBack);
        while (!_generations.Add(generation))
        {
            generation++; // two lives that begin in the same microsecond are left out
        }

        return generation;
    }

    private AgreementSetup Setup(bool isFirst)
    {
        // A founder that lost its store may have voted, and does not know: it does not vote again.
        var mayFound = Founders.Contains(Address) && (isFirst || IsDurable || !_hasVoted || world.Plant.RebindsFounders);
        return new AgreementSetup
        {
            Self = Instance,
            Acceptor = Acceptor.Self,
            Address = Address,
            Cluster = "simulated",
            Format = TableFormat.Instance,
            Founding = mayFound ? new FoundingPlan(FoundingKind.Listed, Founders) : FoundingPlan.Never,
            IsDurable = IsDurable,
            Zone = $"{(char)('a' + (Index % Zones))}",
            Boots = Life,
            RandomSeed = world.Random.NextUInt64(),
            ProposerTiming = Timing,
            FoundingTiming = world.Setup.Founding,
            SeatTiming = Seats,
        };
    }

    private void Drain()
    {
        foreach (var (to, request) in _outbox.Requests)
        {
            var isFirst = true;
            foreach (var sent in request.Tag >= ClientReads.FirstTag ? [request] : world.Plant.Send(request))
            {
                SendRequest(isFirst ? to : sent.To.Node, sent);
                isFirst = false;
            }
        }

        foreach (var gated in _outbox.Replies)
        {
            Reply(gated);
        }

        foreach (var (to, proposal) in _outbox.Proposals)
        {
            Client.Send(to, proposal);
        }

        foreach (var answer in _outbox.Answers)
        {
            var (from, session, bytes) = (Id, answer.Id.Session, ProposalFormat.Encode(answer));
            world.Network.Send(Index, world.Find(session.Id)!.Index, node => node.Receive(session, _ => node.OnAnswer(from, bytes)));
        }

        foreach (var happening in _outbox.Events)
        {
            world.Count(happening.Kind == AgreementEventKind.Reconfigured, Happening.Replacement);
            world.Count(happening.Kind == AgreementEventKind.ReconfigurationFailed, Happening.StageFailure);
        }

        var results = _outbox.Results.ToList();
        _outbox.Clear();
        ScheduleTick();
        Client.Take(results);
    }

    private void SendRequest(NodeId to, AcceptorRequest request)
    {
        if (world.Find(to) is { } target)
        {
            var bytes = AgreementFormat.Encode(request);
            var from = Instance;
            world.Network.Send(Index, target.Index, node => node.OnRequest(from, bytes));
        }
    }

    private void OnRequest(NodeInstance from, byte[] bytes)
    {
        if (!world.Format.TryRead(bytes, out AcceptorRequest request))
        {
            throw new ViolationException("codec", $"a request of {bytes.Length} bytes cannot be read");
        }

        world.Trace.Add((ulong)world.Now);
        world.Trace.Add(bytes);
        Call((engine, now) => engine.OnRequest(now, from, request));
    }

    /// <summary>An answer leaves when what it says is durable; a vote is one when it leaves.</summary>
    private void Reply(GatedReply gated)
    {
        world.Count(gated.Reply is NeedsBase, Happening.NeedsBase);
        var (seat, value, ballot, register, own) = (Acceptor.Seat, Acceptor.Value, Acceptor.AcceptedBallot, Acceptor.Register, Life);
        var holds = gated.Reply is Accepted || (gated.Reply is Installed && !ballot.IsNone);
        Disk.Append(
            gated.Record,
            () => Receive(own, _ =>
            {
                if (gated.Reply is not { } reply)
                {
                    return;
                }

                if (holds)
                {
                    var split = world.Chosen.Splits;
                    world.Chosen.Vote(seat, register, ballot, value!);
                    world.Count(world.Chosen.Splits > split, Happening.SplitVote);
                }

                var answer = AgreementFormat.Encode(reply);
                world.Network.Send(Index, world.Find(gated.To.Id)!.Index, node => node.Receive(gated.To, _ => node.OnReply(Id, answer)));
            }),
            gated.Reply is null || world.Plant.Waits(gated.Reply));
    }

    private void OnReply(NodeId from, byte[] bytes)
    {
        if (!world.Format.TryRead(bytes, out AcceptorReply reply))
        {
            throw new ViolationException("codec", $"a reply of {bytes.Length} bytes cannot be read");
        }

        if (world.Plant.BelievesOneReplica && ClientReads.IsForRead(reply) && reply is Report { News: not null } && Engine.Configuration is { } configuration)
        {
            foreach (var acceptor in configuration.Acceptors)
            {
                Call((engine, now) => engine.OnReply(now, acceptor.Node, reply with { From = acceptor }));
            }
        }

        Call((engine, now) => engine.OnReply(now, from, reply));
    }

    private void OnAnswer(NodeId from, byte[] bytes)
    {
        if (!world.Proposals.TryRead(bytes, out ProposalAnswer answer))
        {
            throw new ViolationException("codec", $"an answer of {bytes.Length} bytes cannot be read");
        }

        var waiting = Engine.Waiting;
        Call((engine, now) => engine.OnAnswer(now, from, answer));
        if (answer.Verdict == Verdict.Void && Engine.Waiting < waiting)
        {
            throw new ViolationException("void", $"{answer.Id} is void, although its client waits for it");
        }

        world.Count(answer.News is not null && Engine.Waiting < waiting, Happening.ReadByRound);
    }

    private void ScheduleTick()
    {
        if (Engine.NextDeadline < _tickAt)
        {
            var life = Life;
            var at = _tickAt = Engine.NextDeadline;
            world.At(Clock.ToWorld(at), () => Receive(life, _ => OnTick(at)));
        }
    }

    private void OnTick(long at)
    {
        if (at == _tickAt)
        {
            _tickAt = long.MaxValue;
        }

        Call((engine, now) => engine.OnTick(now));
    }

    private void Every(TimeSpan period, Action action)
    {
        var life = Life;
        world.After(world.Between(TimeSpan.Zero, period), Again);

        void Again()
        {
            if (IsUp && Life == life)
            {
                Receive(life, _ => action());
                world.After(period, Again);
            }
        }
    }
}
