using Gossip.Transport;

namespace Gossip.Agreement;

/// <summary>Another member, as gossip knows it.</summary>
/// <param name="Id">Who.</param>
/// <param name="Address">Where.</param>
/// <param name="Presence">Whether it is there.</param>
/// <param name="Notice">What it tells of its part in the agreement; null when nothing was heard, or it has none.</param>
/// <param name="Height">The highest that it told the state to have come to, see <see cref="IRegisterState.Height"/>.</param>
internal sealed record AgreementPeer(NodeId Id, NodeEndpoint Address, PeerPresence Presence, AgreementNotice? Notice, long Height = 0)
{
    public bool IsPresent => Presence == PeerPresence.Present;

    /// <summary>
    /// Whether it is proven that the node's acceptor of an epoch never answers again: the node left and kept nothing on disk, or it says itself that the store is a former one. That another store was seen with it is no
    /// proof: what is known of the node may be older than its seat. To be unreachable proves nothing, either.
    /// </summary>
    /// <param name="acceptor">The acceptor.</param>
    /// <param name="incarnation">The register.</param>
    /// <param name="epoch">The epoch in which it has a seat.</param>
    public bool HasLost(AcceptorId acceptor, Guid incarnation, long epoch) => Notice is { } notice && (notice.Store == acceptor.Store
        ? Presence == PeerPresence.Left && !notice.IsDurable
        : notice.Lineage.Incarnation == incarnation && notice.Disowned >= epoch);

    /// <summary>Whether there may be another store in the place of an acceptor: the node should be told of its seat, so that it can say so.</summary>
    public bool MayHaveLost(AcceptorId acceptor) => Notice is { } notice && (notice.Store != acceptor.Store || (Presence == PeerPresence.Left && !notice.IsDurable));
}

/// <summary>Whether a member is there.</summary>
internal enum PeerPresence
{
    /// <summary>It takes part.</summary>
    Present,

    /// <summary>It is thought dead; it may only be cut off.</summary>
    Dead,

    /// <summary>It said goodbye.</summary>
    Left,
}
