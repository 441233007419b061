using Gossip.Transport;

namespace Gossip.Agreement;

/// <summary>Another member, as gossip knows it.</summary>
/// <param name="Id">Who.</param>
/// <param name="Address">Where.</param>
/// <param name="Presence">Whether it is there.</param>
/// <param name="Notice">What it tells of its part in the agreement; null when nothing was heard, or it has none.</param>
internal sealed record AgreementPeer(NodeId Id, NodeEndpoint Address, PeerPresence Presence, AgreementNotice? Notice)
{
    public bool IsPresent => Presence == PeerPresence.Present;
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
