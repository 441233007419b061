using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Transport;

namespace Gossip.Simulation;

/// <summary>One host, and the process on it: an engine with its outbox and its clocks.</summary>
internal sealed class SimNode(int index, NodeId id, Outbox outbox)
{
    public int Index { get; } = index;

    public NodeId Id { get; } = id;

    public NodeEndpoint Endpoint { get; } = SimNetwork.EndpointOf(index);

    /// <summary>Whom the node asks to let it in, at its start and as long as it is alone.</summary>
    public List<NodeEndpoint> Seeds { get; } = [];

    /// <summary>The hash of the name of the cluster that the node wants to be in.</summary>
    public ulong Cluster { get; set; } = SimWorld.ClusterHash;

    /// <summary>Which versions of the protocol the next process of the node reads, as its build decides.</summary>
    public ProtocolVersions Versions { get; set; } = ProtocolVersions.Supported;

    /// <summary>Whether the scenario does something to this node, so that errors by it and about it prove nothing.</summary>
    public bool IsSick { get; set; }

    /// <summary>Whether the last answer to a join was that no more members are admitted.</summary>
    public bool IsTurnedAway { get; set; }

    /// <summary>Whether others have this node as a seed; it then has itself as one, too.</summary>
    public bool IsSeed => Seeds.Contains(Endpoint);

    /// <summary>One for the whole world, because it is empty again after each call: so it stays in the cache, and few large buffers are made.</summary>
    public Outbox Outbox { get; } = outbox;

    /// <summary>The engine of the current process, or of the last one; null before the first start.</summary>
    public GossipEngine? Engine { get; private set; }

    public Member Self => Engine!.Table.Local;

    /// <summary>How often a process was started.</summary>
    public int Boot { get; private set; }

    public ulong Generation { get; private set; }

    /// <summary>The incarnations that past processes ended with.</summary>
    public Dictionary<ulong, ulong> PastLives { get; } = [];

    /// <summary>Below this the next generation is not chosen, because peers named a later one. Nothing outlives the process after that.</summary>
    public ulong GenerationFloor { get; set; }

    /// <summary>By how much the wall clock is wrong.</summary>
    public long WallSkewMicros { get; set; }

    /// <summary>What the process's monotonic clock showed at the beginning of the world.</summary>
    public long TickOffset { get; private set; }

    /// <summary>Whether a process exists, be it paused.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Whether the whole host is off, so that nobody hears a refusal.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Whether the process gets no time.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Whether the current process was asked to leave.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>When the last process started.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When the last process ended.</summary>
    public long EndedAt { get; private set; } = long.MinValue;

    /// <summary>For when the next tick is planned.</summary>
    public long ArmedAt { get; set; } = long.MaxValue;

    /// <summary>When seeds that are not members are asked next.</summary>
    public long AbsentSeedsDue { get; set; }

    /// <summary>Joins that have not settled yet.</summary>
    public int PendingJoins { get; set; }

    /// <summary>What arrived while the process was paused.</summary>
    public Queue<SimEvent> Inbox { get; } = new();

    /// <summary>What the checks remember of the process's view.</summary>
    public List<ViewEntry> LastView { get; } = [];

    /// <summary>How many changes the checks believed the events about, since they looked at all members.</summary>
    public int Trusted { get; set; }

    /// <summary>What all its processes together did to repair broadcasts.</summary>
    public BroadcastCounters Broadcasts { get; } = new();

    public bool IsRunning => IsUp && !IsPaused;

    public bool IsAlone
    {
        get
        {
            var table = Engine!.Table;
            return table.PresentCount == (table.Local.IsPresent ? 1 : 0);
        }
    }

    public Moment At(SimWorld world) => new(world.Now + TickOffset, WallMicros(world));

    public ulong WallMicros(SimWorld world) =>
        (ulong)((long)SimWorld.EpochMicros + (world.Now / TimeSpan.TicksPerMicrosecond) + WallSkewMicros);

    /// <summary>Starts a process; its generation comes from the wall clock, as a real one's does.</summary>
    public void BeginLife(SimWorld world)
    {
        Boot++;
        Generation = Math.Max(WallMicros(world), GenerationFloor);
        GenerationFloor = 0;
        TickOffset = world.Random.NextTicks(TimeSpan.TicksPerDay);
        Engine = new GossipEngine(
            new EngineOptions
            {
                Self = new NodeInstance(Id, Generation),
                Endpoint = Endpoint,
                ClusterHash = Cluster,
                Versions = Versions,
                Timing = world.Setup.Timing,
                RandomSeed = world.Random.NextUInt64(),
                MaxDatagramSize = world.Setup.MaxDatagramSize,
                MaxMembers = world.Setup.MaxMembers,
                BroadcastWindow = world.Setup.BroadcastWindow,
                BroadcastCounters = Broadcasts,
            },
            Outbox);
        IsUp = true;
        IsSilent = IsPaused = IsLeaving = IsTurnedAway = false;
        StartedAt = world.Now;
        ArmedAt = long.MaxValue;
        PendingJoins = 0;
        Inbox.Clear();
        LastView.Clear();
        Trusted = 0;
    }

    public void EndLife(long now, bool silently)
    {
        PastLives[Generation] = Self.Incarnation;
        IsUp = IsPaused = false;
        IsSilent = silently;
        EndedAt = now;
    }
}
