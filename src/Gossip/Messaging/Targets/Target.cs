using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
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
    public static Target All { get; } = new Filtered(_ => true);

    /// <summary>One node, or a client that is connected to this node; the target may be kept and used again. A node that is not present is reported as <see cref="SendOutcome.Unreachable"/> or <see cref="SendOutcome.Left"/>.</summary>
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
        return new Filtered(member => member.HasTag(tag));
    }

    /// <summary>Every present member that carries at least one of some tags; each gets the message once.</summary>
    /// <param name="tags">The tags; case-sensitive.</param>
    /// <returns>The target.</returns>
    public static Target AnyOfTags(params IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var any = tags.ToImmutableArray();
        return new Filtered(member => any.Any(member.HasTag));
    }

    /// <summary>Every present member whose tags fulfil a condition.</summary>
    /// <param name="expression">The condition, such as <c>web &amp; !canary | admin</c>; see <see cref="TagExpression"/>.</param>
    /// <returns>The target; it may be kept and used again.</returns>
    /// <exception cref="TagExpressionException">It is no tag expression.</exception>
    public static Target Matching(string expression) => Matching(TagExpression.Parse(expression));

    /// <summary>Every present member whose tags fulfil a condition.</summary>
    /// <param name="expression">The condition.</param>
    /// <returns>The target; it may be kept and used again.</returns>
    public static Target Matching(TagExpression expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return new Filtered(expression.Matches);
    }

    /// <summary>Every present member whose metadata fulfils all conditions.</summary>
    /// <param name="filters">The conditions; without one it is every present member.</param>
    /// <returns>The target; it may be kept and used again.</returns>
    public static Target Matching(params IEnumerable<MetadataFilter> filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        var all = filters.ToImmutableArray();
        return new Filtered(member => all.All(filter => filter.Matches(member)));
    }

    /// <summary>
    /// One of the present members that another target has, drawn anew for each send; members that are suspected are drawn only when all are. With
    /// <see cref="Tag"/> it spreads work over all who can do it.
    /// </summary>
    /// <param name="among">Those to draw from.</param>
    /// <returns>The target; it may be kept and used again. A send to nobody has an empty result.</returns>
    public static Target AnyOne(Target among)
    {
        ArgumentNullException.ThrowIfNull(among);
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(seed);
        return OneOf.AtRandom(among, BinaryPrimitives.ReadUInt64LittleEndian(seed));
    }

    /// <summary>As <see cref="AnyOne"/>, but each member in turn. The turn belongs to the target, so keep it and use it again.</summary>
    /// <param name="among">Those who take turns.</param>
    /// <returns>The target.</returns>
    public static Target NextOne(Target among)
    {
        ArgumentNullException.ThrowIfNull(among);
        return OneOf.InTurn(among);
    }

    /// <summary>The one node that is meant; none where it may be several.</summary>
    internal virtual NodeId OnlyNode => default;

    /// <summary>The recipients of a node's send: members, and clients that are named.</summary>
    internal IEnumerable<Recipient> Select(IMessagingHost host) => Select(host.View).Select(recipient => recipient.OrClient(host.Clients));

    /// <summary>The recipients in order of identity, without the node itself.</summary>
    internal abstract IEnumerable<Recipient> Select(ClusterView view);

    /// <summary>One recipient; <paramref name="Member"/> is null when the node is not known, or is a client that is connected to this node.</summary>
    internal readonly record struct Recipient(NodeInstance Instance, ClusterMember? Member, bool IsClient = false)
    {
        public Recipient(ClusterMember member)
            : this(member.Instance, member)
        {
        }

        /// <summary>Where a recipient without an <see cref="Obstacle"/> is.</summary>
        public NodeEndpoint Endpoint => IsClient ? NodeEndpoint.Nowhere : Member!.Endpoint;

        /// <summary>Null, or why nothing can be sent to it.</summary>
        public Answer? Obstacle => Member switch
        {
            null when IsClient => null,
            null => new Answer(SendOutcome.Unreachable, "the node is not known"),
            { IsPresent: false } member => new Answer(SendOutcome.Left, $"the member is {member.State}"),
            _ => null,
        };

        public static Recipient Of(ClusterView view, NodeId id) =>
            view.Find(id) is { } member ? new Recipient(member) : new Recipient(new NodeInstance(id, 0), null);

        /// <summary>The same recipient, or the client that it is: clients are in no view.</summary>
        public Recipient OrClient(IClientLinks clients) =>
            Member is null && clients.Find(Instance.Id) is { } client ? new Recipient(client, null, IsClient: true) : this;
    }

    private sealed class One(NodeId id) : Target
    {
        internal override NodeId OnlyNode => id;

        internal override IEnumerable<Recipient> Select(ClusterView view) => id == view.Local.Id ? [] : [Recipient.Of(view, id)];
    }

    private sealed class Filtered(Func<ClusterMember, bool> condition) : Target
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
