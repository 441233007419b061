using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Dissemination;

public class ViewDigestTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 1)]
    [InlineData(8, 2)]
    [InlineData(20, 8)]
    [InlineData(512, 128)]
    [InlineData(100_000, 128)]
    public void Buckets_grow_with_the_table_up_to_what_fits_a_datagram(int members, int buckets) =>
        Assert.Equal(buckets, ViewDigest.BucketsFor(members));

    [Fact]
    public void The_order_in_which_members_were_learned_does_not_matter() =>
        Assert.Equal(Digest(Table('b', 'c', 'd', 'e')), Digest(Table('e', 'c', 'b', 'd')));

    [Fact]
    public void Every_difference_that_nodes_must_agree_on_shows_in_one_bucket_alone()
    {
        var before = Digest(Table('b', 'c', 'd', 'e'));
        Action<EngineContext, Member>[] changes =
        [
            (_, member) => member.Incarnation++,
            (context, member) => context.Table.SetState(member, MemberState.Leaving, 0),
            (context, member) => context.Table.SetState(member, MemberState.Dead, 0),
            (context, member) => context.Table.SetState(member, MemberState.Left, 0),
            (_, member) => member.Reincarnate(TestNodes.Instance('c', generation: 2)),
            (_, member) => member.Facts.Set(FactKind.Tag, "web", true, stamp: 1),
        ];
        foreach (var change in changes)
        {
            var context = Table('b', 'c', 'd', 'e');
            context.Table.TryFind(TestNodes.Id('c'), out var member);
            change(context, member!);
            var differing = Digest(context).Zip(before).Select((pair, bucket) => (pair, bucket)).Where(item => item.pair.First != item.pair.Second);

            Assert.Equal([ViewDigest.BucketOf(TestNodes.Id('c'), before.Length)], differing.Select(item => item.bucket));
        }
    }

    [Fact]
    public void A_suspicion_does_not_show_because_it_is_transient()
    {
        var before = Digest(Table('b', 'c'));
        var context = Table('b', 'c');
        context.Table.SetState(context.Table[1]!, MemberState.Suspect, 0);

        Assert.Equal(before, Digest(context));
    }

    [Fact]
    public void Tombstones_in_the_second_half_of_their_time_are_left_out()
    {
        var context = Table('b', 'c');
        var half = context.Timing.TombstoneRetention.Ticks / 2;
        context.Table.SetState(context.Table[1]!, MemberState.Dead, 0);

        Assert.NotEqual(Digest(Table('c')), Digest(context, half - 1));
        Assert.Equal(Digest(Table('c')), Digest(context, half));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(24, false)]
    [InlineData(32, true)]
    [InlineData(1024, true)]
    [InlineData(2048, false)]
    public void A_digest_has_a_power_of_two_buckets_that_a_datagram_holds(int bytes, bool accepted)
    {
        var source = new byte[bytes];
        source.AsSpan().Fill(7);
        var buckets = new ulong[ViewDigest.MaxBuckets];

        Assert.Equal(accepted, ViewDigest.TryRead(source, buckets, out var count));
        if (accepted)
        {
            var written = new byte[bytes];
            ViewDigest.Write(buckets.AsSpan(0, count), written);
            Assert.Equal(source, written);
        }
    }

    private static EngineContext Table(params ReadOnlySpan<char> members)
    {
        var context = TestNodes.Context(TestNodes.Options('!'));
        foreach (var member in members)
        {
            context.AddAlive(member);
        }

        return context;
    }

    private static ulong[] Digest(EngineContext context, long now = 0)
    {
        const int buckets = 4;
        var digest = new ulong[buckets];
        ViewDigest.Compute(context.Table, context.Timing, now, digest);
        return digest;
    }
}
