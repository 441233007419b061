using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

public class ReconnectorTests
{
    private const long Connection = 7;
    private const int Contacts = 8;
    private const int Dead = 20;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(32, 1)]
    [InlineData(64, 2)]
    [InlineData(960, 30)]
    [InlineData(1920, 60)]
    [InlineData(1_000_000, 60)]
    public void The_wait_is_a_part_of_the_time_since_the_death_between_a_second_and_a_minute(long deadSeconds, long waitSeconds) =>
        Assert.Equal(waitSeconds * TimeSpan.TicksPerSecond, Reconnector.Interval(ProtocolTiming.Lan, deadSeconds * TimeSpan.TicksPerSecond));

    [Fact]
    public void A_dead_member_is_contacted_for_ever_less_and_less_often_and_told_of_its_death()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', MemberState.Dead));
        a.Take();

        var early = PingsDuring(a, TimeSpan.FromMinutes(1));
        var late = PingsDuring(a, TimeSpan.FromHours(1));
        Assert.InRange(early, 10, 60);
        Assert.InRange(late, 30, 240);
    }

    [Fact]
    public void A_dead_member_that_the_table_forgot_is_joined_for_ever_less_and_less_often()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', MemberState.Dead));
        a.Advance(a.Options.Timing.TombstoneRetention + a.Options.Timing.SyncInterval);
        Assert.False(a.Engine.Table.TryFind(TestNodes.Id('b'), out _));
        a.Take();

        var early = JoinsDuring(a, TimeSpan.FromDays(1));
        Assert.InRange(early, 8, 32);
        Assert.InRange(JoinsDuring(a, TimeSpan.FromDays(1)), 1, early - 1);
    }

    [Fact]
    public void Both_sides_of_a_cut_that_outlived_every_memory_find_each_other()
    {
        var a = EngineHarness.Started('a', 'b');
        var b = EngineHarness.Started('b', 'a');
        a.Hear('b', TestNodes.Says('b', MemberState.Dead));
        a.Advance(a.Options.Timing.TombstoneRetention * 2);
        a.Take();
        b.Advance(a.Options.Timing.TombstoneRetention * 3);
        Assert.False(b.Engine.Table.TryFind(TestNodes.Id('a'), out _));
        b.Take();

        b.Receive(new PacketSource(TestNodes.Endpoint('a'), Connection), NextJoin(a));
        a.Receive(new PacketSource(TestNodes.Endpoint('b'), Connection), Assert.Single(OfKind(b, MessageKind.JoinReply)));
        Assert.Equal(MemberState.Alive, a.Member('b').State);
        b.Receive(new PacketSource(TestNodes.Endpoint('a'), Connection), Assert.Single(OfKind(a, MessageKind.Member)));
        Assert.Equal(MemberState.Alive, b.Member('a').State);
        Assert.Equal(0, JoinsDuring(a, a.Options.Timing.TombstoneRetention / 2));
    }

    [Theory]
    [InlineData(MemberState.Left, false)]
    [InlineData(MemberState.Dead, true)]
    public void Who_left_or_was_forgotten_on_purpose_is_not_joined(MemberState state, bool forgotten)
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', state));
        if (forgotten)
        {
            a.Do((engine, now) => Assert.True(engine.Forget(now, TestNodes.Id('b'))));
        }

        a.Advance(a.Options.Timing.TombstoneRetention * 2);
        a.Take();
        Assert.Equal(0, JoinsDuring(a, a.Options.Timing.TombstoneRetention));
    }

    [Fact]
    public void Members_that_left_are_not_contacted()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', MemberState.Left));
        a.Take();

        Assert.Equal(0, PingsDuring(a, TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Not_all_the_dead_are_contacted_at_once()
    {
        var a = EngineHarness.Started('a');
        for (var i = 0; i < Dead; i++)
        {
            a.Hear('b', TestNodes.Says((char)('b' + i), MemberState.Dead));
        }

        a.Take();
        Assert.Equal(Contacts, PingsDuring(a, a.Options.Timing.ReconnectMin));
        Assert.Equal(Contacts, PingsDuring(a, a.Options.Timing.ReconnectMin));
    }

    private static int JoinsDuring(EngineHarness harness, TimeSpan time)
    {
        harness.Advance(time);
        return OfKind(harness, MessageKind.JoinRequest).Count;
    }

    private static List<byte[]> OfKind(EngineHarness harness, MessageKind kind) =>
        [.. harness.Take().Select(packet => packet.Bytes).Where(packet => TestPacket.Messages(packet)[0].Kind == kind)];

    private static byte[] NextJoin(EngineHarness harness)
    {
        while (true)
        {
            harness.Advance(harness.Options.Timing.ReconnectMin);
            if (OfKind(harness, MessageKind.JoinRequest) is [var request, ..])
            {
                return request;
            }
        }
    }

    /// <summary>Counts pings; every one tells its target what is believed about it.</summary>
    private static int PingsDuring(EngineHarness harness, TimeSpan time)
    {
        harness.Advance(time);
        var pings = harness.Take().Where(packet => TestPacket.Messages(packet.Bytes)[0].Kind == MessageKind.Ping).ToList();
        Assert.All(pings, packet => Assert.Contains($"member {TestNodes.Name(packet.To)}@1 dead", PacketText.Describe(packet), StringComparison.Ordinal));
        return pings.Count;
    }
}
