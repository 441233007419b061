using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>
/// Whether an epoch can never decide anything again: a majority of its acceptors is gone for good, each proven by its own node. Such a node came back with another store and says so, or said goodbye and kept
/// nothing on disk. That a node cannot be reached proves nothing. Pure.
/// </summary>
/// <param name="Gone">The acceptors that are proven to be gone.</param>
/// <param name="IsProven">They are a majority.</param>
/// <param name="IsSuspected">They may be: whoever came back with another store has to be told of the seat that it had, before it can say that it is gone.</param>
/// <param name="Missing">Who could vote, and cannot be reached: acceptors of a later epoch that nobody told of might be among them.</param>
internal sealed record Loss(ImmutableArray<AcceptorId> Gone, bool IsProven, bool IsSuspected, ImmutableArray<AgreementPeer> Missing)
{
    /// <summary>Judges by what a node itself knows.</summary>
    public static Loss Of(Configuration configuration, Guid incarnation, AcceptorId self, IReadOnlyDictionary<NodeId, AgreementPeer> peers)
    {
        ImmutableArray<AcceptorId> gone = [.. configuration.Acceptors.Where(seat => IsGone(seat, peer => peer.HasLost(seat, incarnation, configuration.Epoch)))];
        var isProven = gone.Length >= configuration.Majority;
        var isSuspected = isProven || configuration.Acceptors.Count(seat => IsGone(seat, peer => peer.MayHaveLost(seat))) >= configuration.Majority;
        return new Loss(gone, isProven, isSuspected, isProven
            ? [.. peers.Values.Where(peer => !peer.IsPresent && peer.Notice is { OffersSeat: true } notice && !(peer.Presence == PeerPresence.Left && !notice.IsDurable))]
            : []);

        bool IsGone(AcceptorId seat, Func<AgreementPeer, bool> judge) => seat.Node == self.Node ? seat != self : peers.TryGetValue(seat.Node, out var peer) && judge(peer);
    }

    /// <summary>Whether a majority of the acceptors is here, belongs to that register and votes there: who offers no seat is leaving, or its store failed, or it votes for a successor.</summary>
    public static bool IsQuorate(Configuration configuration, Lineage lineage, AcceptorId self, IReadOnlyDictionary<NodeId, AgreementPeer> peers) =>
        configuration.Acceptors.Count(seat => seat == self
            || (peers.TryGetValue(seat.Node, out var peer) && peer is { IsPresent: true, Notice: { OffersSeat: true } notice } && notice.Store == seat.Store && notice.Lineage.Incarnation == lineage.Incarnation))
        >= configuration.Majority;
}
