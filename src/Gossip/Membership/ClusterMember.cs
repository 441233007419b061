using System.Collections.Immutable;
using System.Net;
using Gossip.Transport;

namespace Gossip;

/// <summary>What a node knows about one member: an immutable snapshot. A change makes a new snapshot.</summary>
public sealed record ClusterMember
{
    internal ClusterMember()
    {
    }

    /// <summary>The stable identity of the node.</summary>
    public NodeId Id => Instance.Id;

    /// <summary>The identity together with the generation of the process.</summary>
    public required NodeInstance Instance { get; init; }

    /// <summary>Where peers reach the member by UDP and TCP; <c>0.0.0.0:0</c> where only its <see cref="WebAddress"/> leads to it, and of clients.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>The URL at which peers reach the member by WebSocket; null when there is none (see <see cref="WebOptions.Address"/>).</summary>
    public Uri? WebAddress => Web?.Uri;

    /// <summary>What this node believes about the member.</summary>
    public required MemberState State { get; init; }

    /// <summary>
    /// Counts the member's refutations within its generation (SWIM §4.2): only the member itself raises it, so of two
    /// statements about it the one with the higher number is newer.
    /// </summary>
    public required ulong Incarnation { get; init; }

    /// <summary>True for the node that this snapshot was taken on.</summary>
    public required bool IsLocal { get; init; }

    /// <summary>The tags that the member carries now, in ordinal order. Tags are case-sensitive.</summary>
    public ImmutableSortedSet<string> Tags { get; init; } = [];

    /// <summary>The member's metadata.</summary>
    public MetadataMap Metadata { get; init; } = MetadataMap.Empty;

    /// <summary>The version of the application that the member reported when it started; empty when it gave none.</summary>
    public string ApplicationVersion { get; init; } = "";

    /// <summary>Whether the member takes no datagrams (see <see cref="GossipOptions.TcpOnly"/> and <see cref="GossipOptions.WebOnly"/>).</summary>
    public bool TcpOnly { get; init; }

    /// <summary>The versions of the wire protocol that the member reads; see <see cref="GossipNode.ProtocolVersion"/> for the one that is written.</summary>
    public ProtocolVersions Protocol { get; init; } = ProtocolVersions.First;

    /// <summary>What the member can do beyond the first version of the protocol, by name; those that this node does not know are called <c>feature-</c> and their number.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    internal WebAddress? Web { get; init; }

    /// <summary>Both addresses, as the library dials them.</summary>
    internal NodeEndpoint Endpoint => Web is null ? NodeEndpoint.From(Address)
        : Address.Port == 0 ? NodeEndpoint.From(Web)
        : NodeEndpoint.From(Address) with { Web = Web };

    /// <summary>What the library's own parts on that node tell.</summary>
    internal MetadataMap SystemFacts { get; init; } = MetadataMap.Empty;

    /// <summary>True while the member takes part: it is <see cref="MemberState.Alive"/>, <see cref="MemberState.Suspect"/> or <see cref="MemberState.Leaving"/>.</summary>
    public bool IsPresent => State is MemberState.Alive or MemberState.Suspect or MemberState.Leaving;

    /// <summary>Whether the member carries <paramref name="tag"/>.</summary>
    /// <param name="tag">The tag; case-sensitive.</param>
    /// <returns>Whether it does.</returns>
    public bool HasTag(string tag) => Tags.Contains(tag);

    /// <summary>The identity, address and state, for logs.</summary>
    /// <returns>For example <c>01960f9b@1a2b 10.0.0.4:11511 Alive</c>.</returns>
    public override string ToString() => $"{Instance} {Endpoint} {State}";
}
