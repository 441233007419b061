using Gossip.Dissemination;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Dissemination;

public class DisseminatorTests
{
    private const int Members = 60;
    private const int Broadcasts = 20;
    private const int PayloadSize = 200;

    /// <summary>Packets take turns: in one users come first, in the next 40 % of the room is theirs. A payload may be lost to the border.</summary>
    private const double UserShare = 0.4;

    [Fact]
    public void Users_get_their_share_while_system_rumours_fill_packets_and_the_other_way_round()
    {
        var context = Crowd();
        TellSystem(context);
        TellUsers(context);
        var room = context.Options.MaxDatagramSize - PacketHeader.Size;
        var packets = new[] { Sizes(Packet(context)), Sizes(Packet(context)) }.OrderBy(packet => packet.System).ToList();

        Assert.InRange(packets[0].User, room - (2 * PayloadSize), room);
        Assert.InRange(packets[1].User, (room * UserShare) - PayloadSize, room * UserShare);
        Assert.InRange(packets[1].System, (room * (1 - UserShare)) - PayloadSize, room);
    }

    [Fact]
    public void The_largest_broadcast_gets_through_while_system_rumours_fill_packets()
    {
        var a = EngineHarness.Started('a', [.. Enumerable.Range(0, Members).Select(i => (char)('b' + i))]);
        a.Do((engine, now) => Assert.Equal(BroadcastOutcome.Accepted, engine.TryBroadcast(now, new byte[engine.MaxBroadcastPayload])));
        a.Advance(a.Options.Timing.GossipInterval);

        Assert.NotEqual(0, a.Engine.SystemRumours.Count);
        Assert.Contains(a.Take(), packet => TestPacket.Messages(packet.Bytes).Any(message => message.Kind == MessageKind.Broadcast));
    }

    [Fact]
    public void A_class_that_is_alone_takes_the_whole_packet()
    {
        var room = Crowd().Options.MaxDatagramSize - PacketHeader.Size;
        var context = Crowd();
        TellSystem(context);
        Assert.InRange(Sizes(Packet(context)).System, room - PayloadSize, room);

        context = Crowd();
        TellUsers(context);
        Assert.InRange(Sizes(Packet(context)).User, room - (2 * PayloadSize), room);
    }

    [Fact]
    public void What_a_small_share_leaves_over_goes_to_the_other()
    {
        var context = Crowd();
        TellSystem(context);
        context.Rumours.TellBroadcast(context.Self.Id, 1, new byte[10]);
        var first = Sizes(Packet(context));
        Assert.NotEqual(0, first.User);

        context = Crowd();
        context.Rumours.TellMember(context.AddAlive('~'));
        TellUsers(context);
        var room = context.Options.MaxDatagramSize - PacketHeader.Size;
        Assert.InRange(Sizes(Packet(context)).User, room - (2 * PayloadSize), room);
    }

    [Fact]
    public void A_living_member_is_not_told_of_itself_and_a_dead_one_is()
    {
        var context = Crowd();
        var member = context.Table[1]!;
        context.Rumours.TellMember(member);
        Assert.Equal(PacketHeader.Size, Packet(context, member.Slot).Length);

        context.Table.SetState(member, MemberState.Dead, 0);
        Assert.NotEqual(PacketHeader.Size, Packet(context, member.Slot).Length);
    }

    [Fact]
    public void A_rumour_about_the_only_other_member_ends()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Advance(a.Options.Timing.GossipInterval * 2);

        Assert.Equal(0, a.Engine.SystemRumours.Count);
    }

    [Fact]
    public void An_accusation_is_dropped_once_it_does_not_hold_any_more()
    {
        var context = Crowd();
        var member = context.Table[1]!;
        context.Rumours.TellAccusation(member, context.Self.Id);

        Assert.Equal(PacketHeader.Size, Packet(context).Length);
        Assert.Equal(0, context.Rumours.System.Count);
    }

    [Fact]
    public void Rounds_end_when_every_rumour_was_sent_often_enough()
    {
        var a = EngineHarness.Started('a', 'b', 'c', 'd', 'e');
        a.Do((engine, now) => engine.ChangeFacts(now, [new(FactKind.Tag, "web", true)]));
        var limit = a.Options.Timing.RetransmitLimit(a.Engine.Table.Count);
        a.Advance(a.Options.Timing.GossipInterval * limit);

        Assert.Equal(0, a.Engine.SystemRumours.Count);
        Assert.Equal(limit, a.Take().SelectMany(packet => TestPacket.Messages(packet.Bytes)).Count(message => message.Kind == MessageKind.Facts));
    }

    [Fact]
    public void A_change_that_no_datagram_holds_is_only_advertised()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Advance(a.Options.Timing.GossipInterval * 10);
        a.Take();
        a.Do((engine, now) => engine.ChangeFacts(now, [new(FactKind.Metadata, "big", new string('x', 2 * a.Options.MaxDatagramSize))]));
        a.Advance(TimeSpan.FromMilliseconds(1));

        var facts = a.Take().SelectMany(packet => TestPacket.Messages(packet.Bytes)).Where(message => message.Kind == MessageKind.Facts).ToList();
        Assert.NotEmpty(facts);
        Assert.All(facts, message =>
        {
            Assert.True(FactsDelta.TryRead(message.Body, out var delta));
            Assert.Equal((0, delta.Upto), (delta.Count, delta.After));
        });
    }

    private static EngineContext Crowd()
    {
        var context = TestNodes.Context(TestNodes.Options('!'));
        for (var i = 0; i < Members; i++)
        {
            context.AddAlive((char)('A' + i));
        }

        return context;
    }

    private static void TellSystem(EngineContext context)
    {
        foreach (var member in context.Table.All)
        {
            context.Rumours.TellMember(member);
        }
    }

    private static void TellUsers(EngineContext context)
    {
        for (var i = 1UL; i <= Broadcasts; i++)
        {
            context.Rumours.TellBroadcast(context.Self.Id, i, new byte[PayloadSize]);
        }
    }

    private static byte[] Packet(EngineContext context, int receiver = Members)
    {
        var writer = context.Packets.BeginDatagram();
        context.Rumours.Piggyback(ref writer, receiver);
        Assert.True(writer.Position <= context.Options.MaxDatagramSize);
        return writer.Written.ToArray();
    }

    private static (int System, int User) Sizes(byte[] packet)
    {
        var messages = TestPacket.Messages(packet);
        return (messages.Where(message => message.Kind == MessageKind.Member).Sum(message => message.Body.Length + 2),
            messages.Where(message => message.Kind == MessageKind.Broadcast).Sum(message => message.Body.Length + 2));
    }
}
