using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>Who a node is, from its options; only the generation changes, when a new life begins.</summary>
internal sealed class NodeIdentity
{
    public NodeIdentity(GossipOptions options, NodeEndpoint advertised, DateTimeOffset now)
    {
        var id = options.NodeId is null
            ? NodeId.Derive(options.ClusterName, advertised.ToString())
            : NodeId.Parse(options.NodeId);
        Instance = new NodeInstance(id, HybridTimestamp.ToMicros(now));
        Endpoint = advertised;
        ClusterHash = PacketHeader.HashCluster(options.ClusterName, options.ServiceId);
    }

    public NodeInstance Instance { get; private set; }

    public NodeEndpoint Endpoint { get; }

    public ulong ClusterHash { get; }

    /// <summary>Begins a new life, above every generation that is known of this node.</summary>
    public void Renew(DateTimeOffset now, ulong above) =>
        Instance = Instance with { Generation = Math.Max(HybridTimestamp.ToMicros(now), Math.Max(above, Instance.Generation) + 1) };
}
