using System.Collections.Immutable;

namespace Gossip.Agreement;

/// <summary>Judges the seats by what gossip and the proposer say of their nodes, and says who should have them. Every node with a seat follows; whoever is in charge acts. Pure.</summary>
internal sealed class SeatKeeper(AgreementSetup setup)
{
    private readonly SeatWatch _watch = new();

    /// <summary>The node is about to stop, and gives its seat away.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>The store of this node failed: it does not vote any more.</summary>
    public bool IsRetired { get; set; }

    public bool OffersSeat => setup.OffersSeat && !IsLeaving && !IsRetired;

    /// <summary>The store of an acceptor was replaced by another one.</summary>
    public void OnLost(AcceptorId seat) => _watch.Gone(seat);

    /// <summary>Who should vote next; null when the present ones are right, or nothing better can be had now.</summary>
    public ImmutableArray<AcceptorId>? Look(
        long now, Configuration configuration, Lineage lineage, IReadOnlyDictionary<NodeId, AgreementPeer> peers, FoundingList? founders, Attendance attendance)
    {
        foreach (var seat in configuration.Acceptors)
        {
            Watch(now, seat, peers, attendance);
        }

        var candidates = peers.Values
            .Where(peer => peer is { IsPresent: true, Notice.OffersSeat: true } && (peer.Notice.Lineage.IsNone || peer.Notice.Lineage.Incarnation == lineage.Incarnation))
            .Select(peer => new SeatCandidate(
                new AcceptorId(peer.Id, peer.Notice!.Store),
                peer.Notice.Zone,
                founders is not null && peer.Notice.Founders == founders.Id && peer.Notice.FoundingSeat >= 0,
                peer.Notice.IsDurable))
            .Where(candidate => !attendance.IsSilent(candidate.Acceptor, now, setup.SeatTiming.SilencePatience))
            .ToList();
        if (OffersSeat)
        {
            candidates.Add(new SeatCandidate(setup.Acceptor, setup.Zone, founders?.Entries.IndexOf(setup.Address.ToString()) >= 0, setup.IsDurable));
        }

        return SeatPolicy.Decide(configuration, _watch.Look(configuration, now), candidates);
    }

    private void Watch(long now, AcceptorId seat, IReadOnlyDictionary<NodeId, AgreementPeer> peers, Attendance attendance)
    {
        if (seat == setup.Acceptor)
        {
            Note(seat, now, OffersSeat);
            return;
        }

        var peer = peers.GetValueOrDefault(seat.Node);
        if (peer?.Notice is not { } notice)
        {
            _watch.Misses(seat, now, setup.SeatTiming.DurablePatience);
        }
        else if (notice.Store != seat.Store)
        {
            _watch.Gone(seat);
        }
        else if (peer.Presence == PeerPresence.Dead || (peer.Presence == PeerPresence.Left && notice.IsDurable))
        {
            // Whoever keeps its store keeps its seat over a stop, too.
            _watch.Misses(seat, now, notice.IsDurable ? setup.SeatTiming.DurablePatience : setup.SeatTiming.VolatilePatience);
        }
        else
        {
            Note(seat, now, peer.IsPresent && notice.OffersSeat && !attendance.IsSilent(seat, now, setup.SeatTiming.SilencePatience));
        }
    }

    /// <summary>Whoever does not serve now loses its seat at once, but may be given one again: it may change its mind.</summary>
    private void Note(AcceptorId seat, long now, bool serves)
    {
        if (serves)
        {
            _watch.Serves(seat);
        }
        else
        {
            _watch.Misses(seat, now, TimeSpan.Zero);
        }
    }
}
