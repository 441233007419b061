using Gossip.Membership;
using Gossip.Tests.Membership;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

public sealed class LeavingTests
{
    /// <summary>Far more than the detection of a crash takes among so few.</summary>
    private static readonly TimeSpan Long = ProtocolTiming.Lan.DetectionBound(2) * 4;

    [Fact]
    public void Who_falls_silent_while_it_leaves_is_dead_in_the_end()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', MemberState.Leaving, incarnation: 1));
        Assert.Equal(MemberState.Leaving, a.Member('b').State);

        a.Advance(Long);

        Assert.Equal(MemberState.Dead, a.Member('b').State);
    }

    [Fact]
    public void Who_is_slow_to_leave_is_not_buried_at_its_first_missed_probe()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', MemberState.Leaving, incarnation: 1));

        a.Advance(ProtocolTiming.Lan.SuspicionMax(2) - ProtocolTiming.Lan.ProbeInterval);

        Assert.Equal(MemberState.Leaving, a.Member('b').State);
    }

    [Fact]
    public void A_node_that_has_left_answers_no_probe()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Do((engine, now) => engine.Leave(now));
        a.Take();
        Ping(a);
        Assert.Contains(a.Take(), packet => PacketText.Describe(packet).Contains("ack #7", StringComparison.Ordinal)); // it still says goodbye

        a.Do((engine, _) => engine.Stop());
        Ping(a);

        Assert.Empty(a.Take());
        Assert.Equal(1, a.Engine.PacketsRefused);
    }

    private static void Ping(EngineHarness a) => a.Receive('b', (ref WireWriter writer) =>
        new ProbeMessage { Sequence = 7, Target = TestNodes.Instance('a') }.Write(ref writer, MessageKind.Ping));
}
