namespace Gossip;

/// <content>Groups of members.</content>
public sealed partial class GossipNode
{
    /// <summary>Keeps data of one's own for each present member that fulfils a condition, this node included if it does.</summary>
    /// <typeparam name="TData">What is kept.</typeparam>
    /// <param name="belongs">The condition, asked again at each change of a member: for example a <see cref="TagExpression"/>'s or a <see cref="MetadataFilter"/>'s <c>Matches</c>. Once it throws, that is a no.</param>
    /// <param name="added">Makes the data, once for each life of a member that comes. It must not block. When it throws, the member does not belong, and is tried again at the next change of any member.</param>
    /// <param name="removed">Takes the data back, once, after the member has gone from the group. It must not block. Default: nothing.</param>
    /// <returns>The group, which has those who are present already. It follows until it is disposed or the node stops. The functions are called one after the other.</returns>
    /// <exception cref="GossipStateException">The node was not started.</exception>
    public NodeGroup<TData> Group<TData>(Predicate<ClusterMember> belongs, Func<ClusterMember, TData> added, Action<ClusterMember, TData>? removed = null)
    {
        ArgumentNullException.ThrowIfNull(belongs);
        ArgumentNullException.ThrowIfNull(added);
        return new NodeGroup<TData>(Runtime.Views, belongs, added, removed, _logger);
    }
}
