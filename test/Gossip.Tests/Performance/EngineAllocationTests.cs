using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Performance;

/// <summary>What a cluster without joins and deaths leaves for the collector: nothing.</summary>
public sealed class EngineAllocationTests
{
    private const int Nodes = 8;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Measured = TimeSpan.FromMinutes(10);
    private static readonly MemberStatement AboutTheFirst = TestNodes.Says('a', MemberState.Alive);

    [Fact]
    public void Probes_and_comparisons_of_equal_views_allocate_nothing()
    {
        var cluster = new EngineCluster(Nodes, ProtocolTiming.Lan.SyncInterval);
        cluster.Advance(WarmUp);
        var packets = cluster.Packets;

        var allocated = Allocations.LeastOf(() => cluster.Advance(Measured));

        Assert.InRange(cluster.Packets - packets, 2 * Nodes * (int)Measured.TotalSeconds, int.MaxValue); // a ping and its ack each second
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Rumours_of_members_allocate_nothing()
    {
        // A comparison that falls in between finds a difference, and answers with what it allocates for.
        var cluster = new EngineCluster(Nodes, syncInterval: TimeSpan.FromDays(1));
        Refute(cluster, 1000); // until every list has found its size
        var heard = cluster.Engines[1].Table.All.Single(member => member.Id == TestNodes.Id('a')).Incarnation;
        var packets = cluster.Packets;

        var allocated = Allocations.LeastOf(() => Refute(cluster, 500));

        Assert.InRange(cluster.Packets - packets, 500 * Nodes, int.MaxValue);
        Assert.InRange(cluster.Engines[1].Table.All.Single(member => member.Id == TestNodes.Id('a')).Incarnation, heard + 400, ulong.MaxValue);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_broadcast_is_copied_once_at_each_node()
    {
        const int Size = 1000;
        const int MostAround = 64 + 24 + 56; // what a rumour adds, what an array does, and what keeps it for others
        const int Broadcasts = 50;
        var cluster = new EngineCluster(Nodes, syncInterval: TimeSpan.FromDays(1));
        Broadcast(cluster, Broadcasts, Size);

        var allocated = Allocations.LeastOf(() => Broadcast(cluster, Broadcasts, Size));

        Assert.InRange(allocated / Broadcasts, Nodes * Size, Nodes * (Size + MostAround));
    }

    /// <summary>One after the other, each heard by all.</summary>
    private static void Broadcast(EngineCluster cluster, int times, int size)
    {
        Span<byte> payload = stackalloc byte[size];
        for (var i = 0; i < times; i++)
        {
            if (cluster.Broadcast(from: 0, payload) != BroadcastOutcome.Accepted)
            {
                Assert.Fail("The broadcast was not taken."); // an assertion of equality would allocate, too
            }

            cluster.Advance(TimeSpan.FromSeconds(3));
        }
    }

    /// <summary>The first node hears again and again of a life of its own that it has not lived, denies it, and all pass that on.</summary>
    private static void Refute(EngineCluster cluster, int times)
    {
        var statement = AboutTheFirst;
        for (var i = 0; i < times; i++)
        {
            statement.Incarnation = cluster.Engines[0].Table.Local.Incarnation + 1;
            cluster.Tell(from: 1, to: 0, statement);
            cluster.Advance(TimeSpan.FromSeconds(3));
        }
    }
}
