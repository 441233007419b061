using System.Collections.Immutable;
using Gossip.Agreement;
using Gossip.Node;
using Gossip.Tables;
using Gossip.Transport;

namespace Gossip.Simulation.Registers;

/// <summary>Nodes that agree on one table, in virtual time, on one thread: all that happens follows from the seed.</summary>
internal sealed class RegisterWorld
{
    private readonly PriorityQueue<Action, (long At, long Sequence)> _events = new();
    private readonly List<ImmutableArray<AcceptorId>> _targets = [];
    private long _sequence;
    private long _targetsEpoch;

    public RegisterWorld(RegisterSetup setup, Plant? plant = null)
    {
        Setup = setup;
        Plant = plant ?? new Plant();
        Random = new SeededRandom(setup.Seed);
        Network = new RegisterNetwork(this);
        for (var i = 0; i < setup.Nodes; i++)
        {
            Nodes.Add(new RegisterNode(this, i, new NodeId(new UInt128(Random.NextUInt64(), Random.NextUInt64())), setup.IsDurable(i)));
        }

        foreach (var node in Nodes)
        {
            node.Clock.Set();
            node.Founders = FoundersAsToldTo(node.Index);
        }

        new Openings(this).Begin();
    }

    public RegisterSetup Setup { get; }

    public Plant Plant { get; }

    public SeededRandom Random { get; }

    public RegisterNetwork Network { get; }

    public AgreementFormat Format { get; } = new(new ValueFormat(TableFormat.Instance));

    public RecordFormat Records { get; } = new(new ValueFormat(TableFormat.Instance));

    public ProposalFormat Proposals { get; } = new(new ValueFormat(TableFormat.Instance));

    public List<RegisterNode> Nodes { get; } = [];

    public RegisterCounts Counts { get; } = new();

    public TableHistory History { get; } = new();

    public ChosenChain Chosen { get; } = new();

    public TraceHash Trace { get; } = new();

    /// <summary>Where the founders are.</summary>
    public ImmutableArray<NodeEndpoint> Founders => [.. Nodes.Take(Setup.Founders).Select(node => node.Address)];

    /// <summary>The nodes that want no seat, and give back the one that they have.</summary>
    public HashSet<int> Retired { get; } = [];

    public bool IsCalm { get; set; }

    public long Now { get; private set; }

    public long Events { get; private set; }

    /// <summary>Configurations whose loss would be the loss of the register: the latest, the one before, and those that may come next.</summary>
    public IEnumerable<ImmutableArray<AcceptorId>> Precious => Chosen.Configurations.TakeLast(2).Select(configuration => configuration.Acceptors).Concat(_targets);

    public Guid DrawGuid()
    {
        Span<byte> bytes = stackalloc byte[AgreementFields.GuidSize];
        BitConverter.TryWriteBytes(bytes, Random.NextUInt64());
        BitConverter.TryWriteBytes(bytes[sizeof(ulong)..], Random.NextUInt64());
        return new Guid(bytes);
    }

    /// <summary>Notes that a proposer set out to give these the seats of the next epoch.</summary>
    public void Target(ImmutableArray<AcceptorId> seats)
    {
        if (_targetsEpoch != Chosen.Epoch)
        {
            _targetsEpoch = Chosen.Epoch;
            _targets.Clear();
        }

        if (!_targets.Exists(target => target.SequenceEqual(seats)))
        {
            _targets.Add(seats);
        }
    }

    /// <summary>Whether somebody set out to give this one a seat of the next epoch.</summary>
    public bool IsTarget(AcceptorId acceptor) => _targetsEpoch == Chosen.Epoch && _targets.Exists(target => target.Contains(acceptor));

    public void Count(bool happened, Happening what)
    {
        if (happened)
        {
            Counts.Count(what);
        }
    }

    /// <summary>The node on which an acceptor is.</summary>
    public RegisterNode? Find(AcceptorId acceptor) => Find(acceptor.Node);

    public RegisterNode? Find(NodeId id) => Nodes.Find(node => node.Id == id);

    public void After(TimeSpan delay, Action action) => At(Now + delay.Ticks, action);

    public void At(long at, Action action) => _events.Enqueue(action, (Math.Max(at, Now), _sequence++));

    /// <summary>Lets the world run, until a time or until something is true.</summary>
    public bool Run(TimeSpan time, Func<bool>? until = null)
    {
        var end = Now + time.Ticks;
        while (until?.Invoke() != true)
        {
            if (!_events.TryPeek(out _, out var key) || key.At > end)
            {
                Now = end;
                return until is null;
            }

            var action = _events.Dequeue();
            Now = key.At;
            Events++;
            action();
        }

        return true;
    }

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + TimeSpan.FromTicks(Random.NextTicks((most - least).Ticks));

    public bool Chance(double probability) => Random.NextDouble() < probability;

    /// <summary>Who founds, as a node is told when it starts. Where lists differ, each founder, or the last one only, is told of some who are none, and everybody of another number of them.</summary>
    private ImmutableArray<NodeEndpoint> FoundersAsToldTo(int node)
    {
        var told = Setup.Opening switch
        {
            Opening.ListsDiffer when node < Setup.Founders => Setup.Founders + node,
            Opening.OneListDiffers when node == Setup.Founders - 1 => Setup.Founders + 1,
            Opening.TwoLists when node >= Setup.Founders - 1 => (2 * Setup.Founders) - 1,
            _ => Setup.Founders,
        };
        return [.. Nodes.Take(told).Select(other => other.Address)];
    }
}
