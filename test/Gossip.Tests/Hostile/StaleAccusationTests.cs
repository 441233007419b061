using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>An accusation is never told of somebody, or of words, that it was not made about.</summary>
public sealed class StaleAccusationTests
{
    private const char Accuser = 'q';

    [Fact]
    public void The_next_member_of_a_freed_slot_is_not_accused_by_who_accused_the_last()
    {
        var context = Accused(out var first);
        context.Rumours.Forget(first);
        context.Table.Remove(first);
        var next = context.AddAlive('n');
        Assert.Equal(first.Slot, next.Slot);

        Suspect(context, next, 'r');
        context.Rumours.TellAccusation(next, TestNodes.Id('r'));

        Assert.Equal([TestNodes.Id('r')], ToldAccusers(context));
    }

    [Fact]
    public void Who_accused_before_a_refutation_is_not_said_to_accuse_again()
    {
        var context = Accused(out var member);
        member.Incarnation++;
        Suspect(context, member, 'r');
        context.Rumours.TellAccusation(member, TestNodes.Id('r'));

        Assert.Equal([TestNodes.Id('r')], ToldAccusers(context));
    }

    private static EngineContext Accused(out Member member)
    {
        var context = TestNodes.Context(TestNodes.Options('a'));
        context.AddAlive('c');
        member = context.AddAlive('m');
        Suspect(context, member, Accuser);
        context.Rumours.TellAccusation(member, TestNodes.Id(Accuser));
        return context;
    }

    private static void Suspect(EngineContext context, Member member, char accuser)
    {
        member.Suspicion = new Suspicion(TestNodes.Id(accuser), 0, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), confirmationsNeeded: 2);
        context.Table.SetState(member, MemberState.Suspect, 0);
    }

    private static List<NodeId> ToldAccusers(EngineContext context)
    {
        context.Table.TryFind(TestNodes.Id('c'), out var receiver);
        var writer = context.Packets.BeginDatagram();
        context.Rumours.Piggyback(ref writer, receiver!.Slot);
        List<NodeId> accusers = [];
        foreach (var (kind, body, _) in TestPacket.Messages(writer.Written))
        {
            Assert.Equal(MessageKind.Member, kind);
            Assert.True(MemberStatement.TryRead(body, out var statement));
            accusers.Add(statement.Accuser);
        }

        return accusers;
    }
}
