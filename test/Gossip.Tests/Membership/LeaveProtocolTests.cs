using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

public class LeaveProtocolTests
{
    private const int Witnesses = 3;
    private const int Attempts = 3;

    [Fact]
    public void A_leaving_node_announces_it_and_then_says_goodbye_to_three_members()
    {
        var a = EngineHarness.Started('a', 'b', 'c', 'd', 'e');
        a.Do((engine, now) => engine.AnnounceLeaving(now));
        Assert.Equal((MemberState.Leaving, 1UL), (a.Engine.Table.Local.State, a.Engine.Table.Local.Incarnation));
        a.Take();

        a.Do((engine, now) => engine.Leave(now));
        Assert.Equal((MemberState.Left, 2UL), (a.Engine.Table.Local.State, a.Engine.Table.Local.Incarnation));
        var farewells = a.Take();
        Assert.Equal(Witnesses, farewells.Select(packet => packet.To).Distinct().Count());
        Assert.All(farewells, packet => Assert.Contains("member a@1 left 2", PacketText.Describe(packet), StringComparison.Ordinal));
        Assert.False(IsSettled(a));
    }

    [Fact]
    public void The_leave_is_settled_when_all_of_them_have_acknowledged()
    {
        var a = EngineHarness.Started('a', 'b', 'c', 'd', 'e');
        a.Do((engine, now) => engine.Leave(now));
        var farewells = a.Take();
        for (var i = 0; i < farewells.Count; i++)
        {
            Assert.False(IsSettled(a));
            a.Answer(TestNodes.Name(farewells[i].To), MessageKind.Ack, Sequence(farewells[i]));
        }

        Assert.True(IsSettled(a));
        a.Do((engine, _) => engine.Stop());
        a.Receive('b', (ref WireWriter writer) => TestNodes.Says('b', MemberState.Alive, incarnation: 5).Write(ref writer));
        Assert.Equal(0UL, a.Member('b').Incarnation);
    }

    [Fact]
    public void Who_does_not_acknowledge_is_told_three_times_and_then_no_more()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Do((engine, now) => engine.Leave(now));
        a.Advance(a.Options.Timing.ProbeTimeout * (Attempts - 1));
        Assert.False(IsSettled(a));
        a.Advance(a.Options.Timing.ProbeTimeout);

        Assert.True(IsSettled(a));
        Assert.Equal(Attempts, a.Take().Count(packet => TestPacket.Messages(packet.Bytes).Any(message => message.Kind == MessageKind.Ping)));
    }

    [Fact]
    public void With_nobody_there_the_leave_is_settled_at_once()
    {
        var a = EngineHarness.Started('a');
        a.Do((engine, now) => engine.Leave(now));

        Assert.True(IsSettled(a));
        Assert.Empty(a.Take());
    }

    [Fact]
    public void A_node_that_has_left_asks_nothing_any_more()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Do((engine, now) => engine.Leave(now));
        a.Answer('b', MessageKind.Ack, Sequence(a.Take().Single()));
        a.Do((engine, _) => engine.Stop());
        a.Advance(a.Options.Timing.SyncInterval * 2);

        Assert.DoesNotContain(a.Take(), packet => TestPacket.Messages(packet.Bytes).Any(message => message.Kind != MessageKind.Member));
    }

    private static bool IsSettled(EngineHarness harness) => harness.Events.Any(settled => settled.Kind == EngineEventKind.LeaveSettled);

    private static ulong Sequence(SentPacket packet)
    {
        var reader = new WireReader(TestPacket.Messages(packet.Bytes).Single(message => message.Kind == MessageKind.Ping).Body);
        Assert.True(reader.Next());
        return reader.Number;
    }
}
