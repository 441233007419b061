namespace Gossip.Agreement;

/// <summary>
/// Who votes: a node with one particular store. A node whose store was lost is another acceptor, which knows nothing of what the lost one
/// promised, so it may not vote in its place and must be admitted by a new epoch.
/// </summary>
/// <param name="Node">The node.</param>
/// <param name="Store">Drawn when the store was created.</param>
internal readonly record struct AcceptorId(NodeId Node, Guid Store)
{
    public override string ToString() => $"{Node.Prefix}/{Store:N}";
}
