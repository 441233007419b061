using Gossip.Agreement;
using Gossip.Node;
using Gossip.Tables;

namespace Gossip.Simulation.Registers;

/// <summary>One node: an acceptor with its store, a proposer, a client with its users, and the policy that gives away seats. It does what the owner of the engines does.</summary>
internal sealed class RegisterNode(RegisterWorld world, int index, NodeId id, bool isDurable)
{
    private static readonly TimeSpan PolicyPeriod = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan GossipPeriod = TimeSpan.FromMilliseconds(400);
    private static readonly ProposerTiming Timing = new();

    private readonly Queue<Action<RegisterNode>> _held = [];
    private ProposerOutbox _outbox = new();
    private ProposalDesk _desk = null!;
    private long _tickAt = long.MaxValue;

    public int Index { get; } = index;

    public NodeId Id { get; } = id;

    public bool IsDurable { get; } = isDurable;

    public NodeInstance Instance { get; private set; }

    public int Life { get; private set; }

    public bool IsUp { get; private set; }

    public bool IsPaused { get; private set; }

    public long DownSince { get; private set; }

    public RegisterDisk Disk { get; private set; } = new(world, isDurable);

    public AcceptorPort Port { get; private set; } = null!;

    public Acceptor Acceptor => Port.Acceptor;

    public Proposer Proposer { get; private set; } = null!;

    public NodeClient Client { get; private set; } = null!;

    public SeatKeeper Policy { get; private set; } = null!;

    public void Start()
    {
        Life++;
        IsUp = true;
        Instance = new NodeInstance(Id, (ulong)Life);
        var isFirst = Life == 1;
        var store = isFirst || !(IsDurable || world.Plant.ReusesStores) ? world.DrawGuid() : Acceptor.Self.Store;
        if (!IsDurable)
        {
            Disk = new RegisterDisk(world, isDurable: false);
        }

        Port = world.Plant.Port(this, new AcceptorId(Id, store));
        foreach (var record in Disk.Records)
        {
            Port.Replay(record);
        }

        _outbox = new ProposerOutbox();
        _tickAt = long.MaxValue;
        Proposer = new Proposer(Instance, Timing, new SeededRandom(world.Random.NextUInt64()), _outbox);
        _desk = new ProposalDesk(Proposer, Timing);
        Client = new NodeClient(world, this);
        Policy = new SeatKeeper(world, this);
        var life = Life;
        world.At(world.Now, () => Receive(life, _ => Begin(isFirst)));
        Every(PolicyPeriod, () => Policy.Look());
        Every(GossipPeriod, Gossip);
    }

    public void Kill()
    {
        IsUp = false;
        DownSince = world.Now;
        IsPaused = false;
        _held.Clear();
        Disk.Crash();
    }

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

    /// <summary>Carries out what the proposer wants done.</summary>
    public void Drain()
    {
        foreach (var request in _outbox.Requests)
        {
            foreach (var sent in world.Plant.Send(request))
            {
                SendRequest(sent, isRead: false);
            }
        }

        foreach (var settled in _outbox.Settled)
        {
            Settle(settled);
        }

        foreach (var lost in _outbox.Lost)
        {
            Policy.OnLost(lost);
        }

        foreach (var (_, succeeded) in _outbox.Reconfigured)
        {
            world.Counts.Count(succeeded ? Happening.Replacement : Happening.StageFailure);
        }

        _outbox.Clear();
        ScheduleTick();
    }

    public void SendRequest(AcceptorRequest request, bool isRead)
    {
        if (world.Find(request.To) is { } target)
        {
            var bytes = AgreementFormat.Encode(request);
            var (from, life) = (Index, Life);
            world.Network.Send(Index, target.Index, node => node.OnRequest(from, life, isRead, bytes));
        }
    }

    /// <summary>A client hands its change to the proposer of this node.</summary>
    public void OnProposal(int client, int life, byte[] bytes)
    {
        if (!ProposalFormat.TryRead(bytes, out Proposal proposal))
        {
            throw new ViolationException("codec", $"a proposal of {bytes.Length} bytes cannot be read");
        }

        if (proposal.Change.Id.Session != new NodeInstance(world.Nodes[client].Id, (ulong)life))
        {
            throw new ViolationException("codec", $"{proposal.Change.Id} came from life {life} of node {client}");
        }

        world.Trace.Add(bytes);
        _desk.Submit(world.Now, proposal);
        Drain();
    }

    public void Hear(RegisterId register, Configuration configuration, Ballot promised)
    {
        Proposer.Follow(world.Now, register, configuration, null);
        if (!promised.IsNone && register == Proposer.Register)
        {
            Proposer.HearOf(world.Now, promised);
        }

        Drain();
        Client.Follow(register, configuration);
    }

    private void Begin(bool isFirst)
    {
        var isFounder = Index < world.Setup.Founders && (isFirst || IsDurable || world.Plant.RebindsFounders);
        if (isFounder && Acceptor.Bind(world.Founders, world.Seats[Index], RegisterValue.Unfounded(world.Founding, TableState.Empty)) is { } bound)
        {
            Disk.Append(bound, static () => { }, mayWait: true);
        }

        if (Acceptor.Value is { } value)
        {
            Proposer.Follow(world.Now, Acceptor.Register, value.Configuration, null);
            Client.Follow(Acceptor.Register, value.Configuration);
        }

        Policy.Begin(isFirst);
        Client.Begin();
        Drain();
    }

    private void OnRequest(int from, int life, bool isRead, byte[] bytes)
    {
        if (!world.Format.TryRead(bytes, out AcceptorRequest request))
        {
            throw new ViolationException("codec", $"a request of {bytes.Length} bytes cannot be read");
        }

        world.Trace.Add((ulong)world.Now);
        world.Trace.Add(bytes);
        var record = Port.Handle(request, out var reply);
        if (reply is NeedsBase)
        {
            world.Counts.Count(Happening.NeedsBase);
        }

        var ballot = request is Accept accept ? accept.Ballot : request is Install install ? install.Accepted : Ballot.None;
        var holds = reply is Accepted || (reply is Installed && !ballot.IsNone && Acceptor.AcceptedBallot == ballot);
        var (seat, value, own) = (Acceptor.Seat, Acceptor.Value, Life);
        Disk.Append(
            record,
            () => Receive(own, _ =>
            {
                if (holds)
                {
                    world.Chosen.Vote(seat, request.Register, ballot, value!);
                }

                var answer = AgreementFormat.Encode(reply);
                world.Network.Send(Index, from, node => node.Receive(life, _ => node.OnReply(isRead, answer)));
            }),
            world.Plant.Waits(reply));
    }

    private void OnReply(bool isRead, byte[] bytes)
    {
        if (!world.Format.TryRead(bytes, out AcceptorReply reply))
        {
            throw new ViolationException("codec", $"a reply of {bytes.Length} bytes cannot be read");
        }

        if (isRead)
        {
            Client.OnReply(reply);
            return;
        }

        var (wasLeading, epoch) = (Proposer.IsLeading, Proposer.Register.Epoch);
        Proposer.OnReply(world.Now, reply);
        if (!wasLeading && Proposer.IsLeading)
        {
            world.Counts.Count(Happening.ProposerChange);
        }

        if (Proposer.Register.Epoch != epoch)
        {
            world.Counts.Count(Proposer.Register.Epoch > epoch ? Happening.EpochChange : Happening.TurnedBack);
        }

        Drain();
    }

    private void Settle(Settled settled)
    {
        var answer = _desk.Answer(settled);
        var (from, session, bytes) = (Id, answer.Id.Session, ProposalFormat.Encode(answer));
        var client = world.Nodes.Find(node => node.Id == session.Id)!;
        world.Network.Send(Index, client.Index, node => node.Receive((int)session.Generation, _ => node.Client.OnAnswer(from, bytes)));
    }

    private void ScheduleTick()
    {
        if (Proposer.NextDeadline < _tickAt)
        {
            var life = Life;
            var at = _tickAt = Proposer.NextDeadline;
            world.At(at, () => Receive(life, _ => OnTick(at)));
        }
    }

    private void OnTick(long at)
    {
        if (at == _tickAt)
        {
            _tickAt = long.MaxValue;
        }

        var epoch = Proposer.Register.Epoch;
        Proposer.OnTick(world.Now);
        if (Proposer.Register.Epoch < epoch)
        {
            world.Counts.Count(Happening.TurnedBack);
        }

        Drain();
    }

    private void Gossip()
    {
        if (Proposer.Configuration is { } configuration)
        {
            var register = Proposer.Register;
            var promised = Acceptor.Register == register ? Acceptor.PromisedBallot : Ballot.None;
            world.Network.Send(Index, world.Random.Next(world.Nodes.Count), node => node.Receive(node.Life, _ => node.Hear(register, configuration, promised)));
        }
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
