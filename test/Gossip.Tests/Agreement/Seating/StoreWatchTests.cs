using System.Net;
using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Agreement.Seating;

/// <summary>A directory that was copied or restored is found by those who saw the other copy.</summary>
public sealed class StoreWatchTests
{
    private static readonly AcceptorId Seat = AgreementCluster.Id(1);
    private static readonly Configuration Seats = Configuration.Of(1, [Seat, AgreementCluster.Id(2), AgreementCluster.Id(3)]);

    private readonly StoreWatch _watch = new();

    [Fact]
    public void A_restart_is_no_copy()
    {
        See(boots: 5, life: 1);
        See(boots: 6, life: 2);
        Assert.False(Told().Refutes(Seat.Store, 6, 2));
        Assert.False(Told().Refutes(Guid.NewGuid(), 1, 9)); // of another store
    }

    [Theory]
    [InlineData(4, 2)] // restored from a backup
    [InlineData(5, 2)] // copied while it was stopped, and both started
    public void A_store_that_was_opened_no_more_often_than_another_copy_is_refuted(int boots, int life)
    {
        See(boots: 5, life: 1);
        See(boots, (ulong)life);
        Assert.True(Told().Refutes(Seat.Store, boots, (ulong)life));
    }

    [Fact]
    public void When_both_copies_were_seen_neither_may_vote()
    {
        See(boots: 5, life: 1);
        See(boots: 6, life: 2); // copied while it ran, so this one knows less
        See(boots: 5, life: 1);
        Assert.True(Told().IsTwofold);
        Assert.True(Told().Refutes(Seat.Store, 6, 2));
        Assert.True(Told().Refutes(Seat.Store, 5, 1));
        See(boots: 7, life: 3);
        Assert.True(Told().IsTwofold);
    }

    [Fact]
    public void Only_stores_with_seats_are_told_of_and_what_is_told_is_the_same_until_it_changes()
    {
        See(boots: 5, life: 1);
        var told = _watch.Told;
        See(boots: 5, life: 1);
        Assert.True(told == _watch.Told);
        _watch.Look(Peers(5, 1), Configuration.Of(2, [AgreementCluster.Id(2)]));
        Assert.Empty(_watch.Told);
    }

    [Fact]
    public void A_node_that_is_told_of_another_copy_of_its_store_votes_no_more()
    {
        var outbox = new AgreementOutbox();
        var engine = Engine(outbox, boots: 4);
        engine.Start(1);
        outbox.Clear();
        engine.OnPeers(2, [Witness(new StoreSighting(Seat.Store, 3, 77))]);
        Assert.False(engine.IsRetired);
        engine.OnPeers(3, [Witness(new StoreSighting(Seat.Store, 4, 77))]);
        Assert.True(engine.IsRetired);
        Assert.False(engine.Notice.OffersSeat);
        Assert.Single(outbox.Events, happening => happening.Kind == AgreementEventKind.StoreSuperseded);
        engine.OnRequest(4, AgreementCluster.Life(2), new Query(Position.Nowhere, WantsNews: false) { To = Seat });
        Assert.Empty(outbox.Replies);
    }

    private static AgreementEngine Engine(AgreementOutbox outbox, long boots) => new(
        new AgreementSetup
        {
            Self = AgreementCluster.Life(1),
            Acceptor = Seat,
            Address = NodeEndpoint.From(IPAddress.Loopback, 1),
            Cluster = "stores",
            Format = TableFormat.Instance,
            Founding = FoundingPlan.Never,
            IsDurable = true,
            Boots = boots,
            RandomSeed = 1,
        },
        new Acceptor(Seat),
        outbox);

    private static AgreementPeer Witness(StoreSighting seen) => new(
        AgreementCluster.Id(2).Node,
        NodeEndpoint.From(IPAddress.Loopback, 2),
        PeerPresence.Present,
        AgreementNotice.Read(new AgreementNotice { Store = Guid.AllBitsSet, Sightings = [seen] }.Encode()));

    private static Dictionary<NodeId, AgreementPeer> Peers(long boots, ulong life) => new()
    {
        [Seat.Node] = new AgreementPeer(
            Seat.Node,
            NodeEndpoint.From(IPAddress.Loopback, 1),
            PeerPresence.Present,
            new AgreementNotice { Store = Seat.Store, IsDurable = true, Boots = boots, Life = life }),
    };

    private void See(long boots, ulong life) => _watch.Look(Peers(boots, life), Seats);

    private StoreSighting Told() => Assert.Single(_watch.Told);
}
