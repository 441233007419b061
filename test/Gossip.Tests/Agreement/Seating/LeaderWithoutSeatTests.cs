using Gossip.Agreement;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement.Seating;

public sealed class LeaderWithoutSeatTests
{
    [Fact]
    public void Who_is_in_charge_and_gave_its_seat_away_still_sees_to_the_seats()
    {
        var cluster = new EngineCluster(3);
        for (var node = 0; node < 5; node++)
        {
            cluster.Start(node, node < 3 ? Listed(3) : FoundingPlan.Never);
        }

        cluster.Run(10);
        Assert.True(cluster.Insert(0, "a"));
        Assert.True(cluster[0].Engine.IsLeading);
        cluster[0].Engine.OfferSeat(cluster.Now, offers: false);
        cluster.Run(5);
        Assert.True(cluster[0].Engine is { IsLeading: true, HasSeat: false });

        cluster.Stop(1);
        cluster.Run(20);
        Assert.Equal([Acceptor(2), Acceptor(3), Acceptor(4)], cluster[2].Engine.Configuration!.Acceptors);
        Assert.True(cluster.Insert(3, "b"));
    }
}
