using Gossip.Membership;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

public class ReconnectorTests
{
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

    /// <summary>Counts pings; every one tells its target what is believed about it.</summary>
    private static int PingsDuring(EngineHarness harness, TimeSpan time)
    {
        harness.Advance(time);
        var pings = harness.Take().Where(packet => TestPacket.Messages(packet.Bytes)[0].Kind == MessageKind.Ping).ToList();
        Assert.All(pings, packet => Assert.Contains($"member {TestNodes.Name(packet.To)}@1 dead", PacketText.Describe(packet), StringComparison.Ordinal));
        return pings.Count;
    }
}
