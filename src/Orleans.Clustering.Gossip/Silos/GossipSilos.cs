using System.Collections.Immutable;
using Gossip;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// Which silo stands behind which node, and what tags silos have, as this process knows them now: read from memory, without asking anybody. Can be injected into grains, grain services and clients.
/// </summary>
public sealed class GossipSilos
{
    private readonly GossipNode _node;
    private volatile Index? _index;

    internal GossipSilos(GossipNode node) => _node = node;

    /// <summary>The node of a silo, for <see cref="Target.Node"/> for example. A silo that started anew is another one: an old address never finds its successor.</summary>
    /// <param name="silo">The silo.</param>
    /// <returns>The node; null while none that is present tells of that silo.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public NodeInstance? NodeOf(SiloAddress silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        return Find(silo)?.Instance;
    }

    /// <summary>The silo of a node.</summary>
    /// <param name="node">The node.</param>
    /// <returns>The silo; null when the node is not known, or is no silo's.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public SiloAddress? SiloOf(NodeId node) => _node.View.Find(node) is { } member ? SiloTags.SiloOf(member) : null;

    /// <summary>The tags of a silo.</summary>
    /// <param name="silo">The silo.</param>
    /// <returns>The tags; none while no node that is present tells of that silo.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public ImmutableSortedSet<string> TagsOf(SiloAddress silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        return Find(silo)?.Tags ?? [];
    }

    /// <summary>The silos that are present and have a tag.</summary>
    /// <param name="tag">The tag; case-sensitive.</param>
    /// <returns>The silos.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public IEnumerable<SiloAddress> WithTag(string tag) => _node.View.WithTag(tag).Select(SiloTags.SiloOf).OfType<SiloAddress>();

    private global::Gossip.ClusterMember? Find(SiloAddress silo)
    {
        var (view, index) = (_node.View, _index);
        if (index?.View != view)
        {
            _index = index = new Index(view);
        }

        return index.Members.GetValueOrDefault(silo);
    }

    /// <summary>Each grain that is placed asks about every silo, and views change seldom.</summary>
    private sealed class Index(ClusterView view)
    {
        public ClusterView View { get; } = view;

        public Dictionary<SiloAddress, global::Gossip.ClusterMember> Members { get; } = view.Present
            .Select(static member => (Silo: SiloTags.SiloOf(member), Member: member))
            .Where(static item => item.Silo is not null)
            .GroupBy(static item => item.Silo!)
            .ToDictionary(static silo => silo.Key, static silo => silo.First().Member);
    }
}
