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
    /// Whether it is proven that an acceptor of this node never answers again: there is another store in its place, or it left and kept nothing on disk. To be unreachable proves nothing.
    /// </summary>
    public bool HasLost(AcceptorId acceptor) =>
        Notice is { } notice && (notice.Store != acceptor.Store || (Presence == PeerPresence.Left && !notice.IsDurable));
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
