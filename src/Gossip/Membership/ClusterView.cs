using System.Collections.Immutable;

namespace Gossip;

/// <summary>
/// All members as one node knows them at one moment: immutable, so that readers need no lock. The next change makes a new
/// view with a higher <see cref="Version"/>.
/// </summary>
public sealed class ClusterView
{
    internal ClusterView(long version, ClusterMember local, ImmutableArray<ClusterMember> members)
    {
        Version = version;
        Local = local;
        Members = members;
    }

    /// <summary>Rises by one with each view of this node. Versions of different nodes cannot be compared.</summary>
    public long Version { get; }

    /// <summary>The node itself.</summary>
    public ClusterMember Local { get; }

    /// <summary>All known members in order of their identity, with this node, and with the dead and the gone until they are forgotten.</summary>
    public ImmutableArray<ClusterMember> Members { get; }

    /// <summary>The members that take part (see <see cref="ClusterMember.IsPresent"/>), with this node.</summary>
    public IEnumerable<ClusterMember> Present => Members.Where(member => member.IsPresent);

    /// <summary>Finds a member by its identity.</summary>
    /// <param name="id">The identity.</param>
    /// <returns>The member, or null when this node does not know it.</returns>
    public ClusterMember? Find(NodeId id)
    {
        // The members are in order, and building a hash table for every view would cost more than it saves.
        int low = 0, high = Members.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (Members[middle].Id.CompareTo(id))
            {
                case 0:
                    return Members[middle];
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return null;
    }

    /// <summary>The members in one state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>The members, in order of their identity.</returns>
    public IEnumerable<ClusterMember> InState(MemberState state) => Members.Where(member => member.State == state);

    /// <summary>The members that take part and carry a tag.</summary>
    /// <param name="tag">The tag; case-sensitive.</param>
    /// <returns>The members, in order of their identity.</returns>
    public IEnumerable<ClusterMember> WithTag(string tag) => Present.Where(member => member.HasTag(tag));

    /// <summary>The members that take part and whose metadata has a value for <paramref name="key"/>.</summary>
    /// <param name="key">The metadata key; case-sensitive.</param>
    /// <returns>The members, in order of their identity.</returns>
    public IEnumerable<ClusterMember> WithMetadata(string key) => Present.Where(member => member.Metadata.ContainsKey(key));

    /// <summary>The members that take part and whose metadata has exactly <paramref name="value"/> under <paramref name="key"/>.</summary>
    /// <param name="key">The metadata key; case-sensitive.</param>
    /// <param name="value">The value; its type counts too.</param>
    /// <returns>The members, in order of their identity.</returns>
    public IEnumerable<ClusterMember> WithMetadata(string key, MetadataValue value) =>
        Present.Where(member => member.Metadata.TryGetValue(key, out var found) && found.Equals(value));
}
