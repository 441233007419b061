using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

public sealed class BroadcastTests
{
    private const int Queue = 4;
    private const int Relayed = 100;

    /// <summary>How often fresh rumours may start a round.</summary>
    private const int RoundsPerInterval = 16;
    private const int OriginField = 1;
    private const int GenerationField = 2;
    private const int SequenceField = 3;
    private const int PayloadField = 4;

    [Fact]
    public void Broadcasts_that_are_passed_on_do_not_push_out_own_ones()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { MaxUserRumours = Queue });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Hear('b', TestNodes.Says('b', MemberState.Alive));
        for (var i = 0; i < Queue; i++)
        {
            a.Do((engine, now) => Assert.Equal(BroadcastOutcome.Accepted, engine.TryBroadcast(now, "own"u8)));
        }

        for (ulong i = 1; i <= Relayed; i++)
        {
            var sequence = i;
            a.Receive('b', (ref WireWriter writer) => WriteBroadcast(ref writer, 'b', sequence));
        }

        Assert.Equal(Relayed, a.Events.Count(item => item.Kind == EngineEventKind.BroadcastReceived)); // taken here all the same
        Assert.Equal(0, a.Engine.UserRumours.Evicted);
        Assert.All(Enumerable.Range(1, Queue), i => Assert.True(
            a.Engine.UserRumours.TryGet(new RumourKey(RumourKind.Broadcast, MemberTable.LocalSlot, TestNodes.Id('a'), (ulong)i), out _)));
    }

    [Fact]
    public void A_broadcast_as_large_as_allowed_leaves_though_there_are_always_system_rumours()
    {
        const int rounds = 20;
        var a = EngineHarness.Started('a', "bcdefghij"); // of so many that a rumour is sent more often than a round has packets
        a.Do((engine, now) => Assert.Equal(BroadcastOutcome.Accepted, engine.TryBroadcast(now, new byte[engine.MaxBroadcastPayload])));
        var newcomer = '\u0080';
        for (var round = 0; round < rounds; round++)
        {
            // Two, because nobody is told about himself.
            a.Hear('b', TestNodes.Says(newcomer++, MemberState.Alive));
            a.Hear('b', TestNodes.Says(newcomer++, MemberState.Alive));
            a.Advance(a.Options.Timing.GossipInterval / RoundsPerInterval);
            Assert.NotEqual(0, a.Engine.SystemRumours.Count); // each round ends before the rumours do
        }

        Assert.Contains(a.Take(), packet => TestPacket.Messages(packet.Bytes).Exists(message => message.Kind == MessageKind.Broadcast));
    }

    private static void WriteBroadcast(ref WireWriter writer, char origin, ulong sequence)
    {
        var mark = writer.Begin((int)MessageKind.Broadcast);
        writer.Id(OriginField, TestNodes.Id(origin));
        writer.Number(GenerationField, 1);
        writer.Number(SequenceField, sequence);
        writer.Bytes(PayloadField, "relayed"u8);
        writer.End(mark);
    }
}
