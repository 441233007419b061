using System.Collections.Immutable;
using Gossip.Messaging;
using Gossip.Transport;

namespace Gossip;

/// <summary>
/// Whom a message is for, among the members present when it is sent. The sender itself is never a target, even when it is
/// named or carries the tag.
/// </summary>
public abstract class Target
{
    private protected Target()
    {
    }

    /// <summary>Every present member.</summary>
    public static Target All { get; } = new Matching(_ => true);

    /// <summary>One node; the target may be kept and used again. A node that is not present is reported as <see cref="SendOutcome.Unreachable"/> or <see cref="SendOutcome.Left"/>.</summary>
    /// <param name="id">The identity of the node.</param>
    /// <returns>The target.</returns>
    public static Target Node(NodeId id) => new One(id);

    /// <summary>Some nodes. Those that are not present are reported as <see cref="SendOutcome.Unreachable"/> or <see cref="SendOutcome.Left"/>.</summary>
    /// <param name="ids">The identities of the nodes; repeated ones count once.</param>
    /// <returns>The target.</returns>
    public static Target Nodes(params IEnumerable<NodeId> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return new Listed([.. ids]);
    }

    /// <summary>Every present member that carries a tag.</summary>
    /// <param name="tag">The tag; case-sensitive.</param>
    /// <returns>The target.</returns>
    public static Target Tag(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return new Matching(member => member.HasTag(tag));
    }

    /// <summary>Every present member that carries at least one of some tags; each gets the message once.</summary>
    /// <param name="tags">The tags; case-sensitive.</param>
    /// <returns>The target.</returns>
    public static Target AnyOfTags(params IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var any = tags.ToImmutableArray();
        return new Matching(member => any.Any(member.HasTag));
    }

    /// <summary>The one node that is meant; none where it may be several.</summary>
    internal virtual NodeId OnlyNode => default;

    /// <summary>The recipients in order of identity, without the node itself.</summary>
    internal abstract IEnumerable<Recipient> Select(ClusterView view);

    /// <summary>One recipient; <paramref name="Member"/> is null when the node is not known.</summary>
    internal readonly record struct Recipient(NodeInstance Instance, ClusterMember? Member)
    {
        public Recipient(ClusterMember member)
            : this(member.Instance, member)
        {
        }

        /// <summary>Where a recipient without an <see cref="Obstacle"/> is.</summary>
        public NodeEndpoint Endpoint => NodeEndpoint.From(Member!.Address);

        /// <summary>Null, or why nothing can be sent to it.</summary>
        public Answer? Obstacle => Member switch
        {
            null => new Answer(SendOutcome.Unreachable, "the node is not known"),
            { IsPresent: false } member => new Answer(SendOutcome.Left, $"the member is {member.State}"),
            _ => null,
        };

        public static Recipient Of(ClusterView view, NodeId id) =>
            view.Find(id) is { } member ? new Recipient(member) : new Recipient(new NodeInstance(id, 0), null);
    }

    private sealed class One(NodeId id) : Target
    {
        internal override NodeId OnlyNode => id;

        internal override IEnumerable<Recipient> Select(ClusterView view) => id == view.Local.Id ? [] : [Recipient.Of(view, id)];
    }

    private sealed class Matching(Func<ClusterMember, bool> condition) : Target
    {
        internal override IEnumerable<Recipient> Select(ClusterView view)
        {
            foreach (var member in view.Members)
            {
                if (member.IsPresent && member.Id != view.Local.Id && condition(member))
                {
                    yield return new Recipient(member);
                }
            }
        }
    }

    private sealed class Listed(ImmutableSortedSet<NodeId> ids) : Target
    {
        internal override IEnumerable<Recipient> Select(ClusterView view)
        {
            foreach (var id in ids)
            {
                if (id != view.Local.Id)
                {
                    yield return Recipient.Of(view, id);
                }
            }
        }
    }
}
