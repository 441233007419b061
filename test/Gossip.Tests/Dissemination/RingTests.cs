using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Tests.Membership;
using Gossip.Tests.Performance;
using Xunit;

namespace Gossip.Tests.Dissemination;

public sealed class RingTests
{
    [Theory]
    [InlineData("m", "", '\0', '\0')]
    [InlineData("m", "a", 'a', 'a')]
    [InlineData("m", "xa", 'a', 'x')]
    [InlineData("m", "znkb", 'k', 'n')]
    [InlineData("z", "cab", 'c', 'a')]
    [InlineData("a", "cdb", 'd', 'b')]
    public void Neighbours_are_next_in_the_order_of_identities(string self, string others, char before, char after)
    {
        var context = TestNodes.Context(TestNodes.Options(self[0]));
        foreach (var name in others)
        {
            context.AddAlive(name);
        }

        var (b, a) = Ring.Neighbours(context.Table);

        Assert.Equal((before, after), (b is null ? '\0' : TestNodes.Name(b.Id), a is null ? '\0' : TestNodes.Name(a.Id)));
    }

    [Fact]
    public void Who_is_gone_is_no_neighbour()
    {
        var context = TestNodes.Context(TestNodes.Options('m'));
        context.Table.SetState(context.AddAlive('n'), MemberState.Dead, now: 1);
        var next = context.AddAlive('o');

        Assert.Equal((next, next), Ring.Neighbours(context.Table));
    }

    [Fact]
    public void A_broadcast_reaches_all_of_sixty_nodes_before_the_next_regular_round_each_time()
    {
        // By chance alone some of this many leave somebody out, and one in seven reaches somebody only with the next regular round.
        const int Nodes = 60;
        const int Broadcasts = 200;
        var cluster = new EngineCluster(Nodes, syncInterval: TimeSpan.FromDays(1));
        cluster.Advance(TimeSpan.FromSeconds(5));
        var late = 0;
        for (var i = 1; i <= Broadcasts; i++)
        {
            Assert.Equal(BroadcastOutcome.Accepted, cluster.Broadcast(from: i % Nodes, "hello"u8));
            cluster.Advance(ProtocolTiming.Lan.GossipInterval / 2);
            late += (i * (Nodes - 1)) - cluster.Heard;
            cluster.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(i * (Nodes - 1), cluster.Heard);
        }

        Assert.Equal(0, late);
    }
}
