using System.Runtime.CompilerServices;
using Gossip.Membership;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>Who a node is, from its options; only the generation changes, when a new life begins.</summary>
internal sealed class NodeIdentity
{
    /// <summary>About 18 minutes: lives that follow each other faster than that would have to leap into the same microsecond.</summary>
    private const ulong MaxLeap = 1UL << 30;

    private StrongBox<NodeInstance> _instance = new();
    private volatile byte _version;

    public NodeIdentity(GossipOptions options, NodeEndpoint advertised, DateTimeOffset now, SeededRandom random)
    {
        var id = options switch
        {
            { NodeId: { } given } => NodeId.Parse(given),
            { Client: true } => new NodeId(new UInt128(random.NextUInt64(), random.NextUInt64())), // clients have no address that would tell them apart
            _ => NodeId.Derive(options.ClusterName, (advertised.HasSocket ? advertised.SocketPart : advertised).ToString()), // a web address may come and go beside the socket
        };
        Instance = new NodeInstance(id, HybridTimestamp.ToMicros(now));
        Endpoint = advertised;
        ClusterHash = PacketHeader.HashCluster(options.ClusterName, options.ServiceId);
        Versions = options.Versions;
        _version = Versions.Max;
    }

    /// <summary>Boxed, because any thread reads it and none may see one life's identity with another's generation.</summary>
    public NodeInstance Instance
    {
        get => Volatile.Read(ref _instance).Value;
        private set => Volatile.Write(ref _instance, new StrongBox<NodeInstance>(value));
    }

    public NodeEndpoint Endpoint { get; }

    public ulong ClusterHash { get; }

    /// <summary>The wire versions that the node reads.</summary>
    public ProtocolVersions Versions { get; }

    /// <summary>The one in which it writes; the engine finds it.</summary>
    public byte Version
    {
        get => _version;
        set => _version = value;
    }

    /// <summary>
    /// Begins a new life, above every generation that is known of this node. It leaps by a random number, because whoever tells of a
    /// generation may not know of the latest, and none may be used twice.
    /// </summary>
    public void Renew(DateTimeOffset now, ulong above, SeededRandom random)
    {
        var next = Math.Max(above, Instance.Generation) + 1 + (random.NextUInt64() % MaxLeap);
        Instance = Instance with { Generation = Math.Min(Math.Max(HybridTimestamp.ToMicros(now), next), MemberStatement.MaxGeneration) };
    }
}
