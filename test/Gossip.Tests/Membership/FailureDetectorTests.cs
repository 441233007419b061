using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>Sums of the failure detector's conduct; the course of single probes is in the transcripts.</summary>
public class FailureDetectorTests
{
    [Fact]
    public void An_answer_by_a_stranger_or_to_another_question_does_not_count()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        var (target, sequence) = FirstPing(a);
        a.Answer(target == 'b' ? 'c' : 'b', MessageKind.Ack, sequence);
        a.Answer(target, MessageKind.Ack, sequence + 1);
        a.Advance(a.Options.Timing.ProbeTimeout);

        Assert.Contains(a.Take(), packet => Kinds(packet).Contains(MessageKind.PingRequest));
    }

    [Fact]
    public void A_helper_passes_on_the_answer_of_the_target_alone()
    {
        const ulong Question = 77;
        var a = EngineHarness.Started('a', 'b', 'c', 'd');
        a.Receive('b', (ref WireWriter writer) =>
            new ProbeMessage { Sequence = Question, Target = TestNodes.Instance('c'), Endpoint = TestNodes.Endpoint('c') }.Write(ref writer, MessageKind.PingRequest));
        var (target, sequence) = FirstPing(a);
        Assert.Equal('c', target);

        a.Answer('d', MessageKind.Ack, sequence);
        Assert.DoesNotContain(a.Take(), packet => Kinds(packet).Contains(MessageKind.Ack));
        a.Answer('c', MessageKind.Ack, sequence);
        Assert.Contains(a.Take(), packet => PacketText.Describe(packet).StartsWith($"b: ack #{Question}", StringComparison.Ordinal));
    }

    [Fact]
    public void An_answer_improves_the_own_health_and_an_error_of_the_local_host_worsens_it()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Do((engine, now) => engine.OnSendFailed(now));
        Assert.Equal(1, a.Engine.AwarenessScore);

        var (target, sequence) = FirstPing(a);
        a.Answer(target, MessageKind.Ack, sequence);
        Assert.Equal(0, a.Engine.AwarenessScore);
    }

    [Fact]
    public void A_node_in_bad_health_waits_longer_before_it_asks_others()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Do((engine, now) => engine.OnSendFailed(now));
        FirstPing(a);
        a.Advance(a.Options.Timing.ProbeTimeout);
        Assert.DoesNotContain(a.Take(), packet => Kinds(packet).Contains(MessageKind.PingRequest));

        a.Advance(a.Options.Timing.ProbeTimeout);
        Assert.Contains(a.Take(), packet => Kinds(packet).Contains(MessageKind.PingRequest));
    }

    [Fact]
    public void A_broken_connection_is_a_reason_to_probe_at_once()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Do((engine, now) => engine.OnDisconnected(now, TestNodes.Endpoint('c')));

        Assert.Equal([MessageKind.Ping], a.Take().Where(packet => packet.To == TestNodes.Endpoint('c')).SelectMany(Kinds).Where(kind => kind == MessageKind.Ping));
    }

    [Fact]
    public void A_ping_for_an_earlier_life_is_answered_with_the_news_and_not_with_an_ack()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { Self = TestNodes.Instance('a', generation: 2) });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Receive('b', (ref WireWriter writer) => new ProbeMessage { Sequence = 5, Target = TestNodes.Instance('a') }.Write(ref writer, MessageKind.Ping));

        Assert.Contains("b: member a@2 alive 0", a.Take().Select(PacketText.Describe));
    }

    [Fact]
    public void A_ping_for_another_node_that_had_this_address_is_not_answered()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Receive('b', (ref WireWriter writer) => new ProbeMessage { Sequence = 5, Target = TestNodes.Instance('z') }.Write(ref writer, MessageKind.Ping));

        Assert.Empty(a.Take());
    }

    [Fact]
    public void A_suspect_hears_of_its_suspicion_first_of_all()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Hear('b', TestNodes.Says('c', MemberState.Suspect, accuser: 'b'));
        a.Receive('c', (ref WireWriter writer) => new ProbeMessage { Sequence = 5, Target = TestNodes.Instance('a') }.Write(ref writer, MessageKind.Ping));

        Assert.StartsWith("c: ack #5; member c@1 suspect 0 by b", PacketText.Describe(a.Take()[^1]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_without_datagrams_is_probed_over_a_stream()
    {
        var a = EngineHarness.Started('a');
        a.Hear('b', TestNodes.Says('b', MemberState.Alive) with { Traits = MemberTraits.StreamOnly });
        a.Advance(a.Options.Timing.ProbeInterval);

        var sent = a.Take();
        Assert.Contains(sent, packet => Kinds(packet).Contains(MessageKind.Ping));
        Assert.All(sent, packet => Assert.Equal(TransmitPath.Stream, packet.Path));
    }

    private static (char Target, ulong Sequence) FirstPing(EngineHarness harness)
    {
        while (true)
        {
            harness.Do((engine, _) => Assert.True(engine.NextDeadline < long.MaxValue));
            harness.Advance(TimeSpan.FromMilliseconds(1));
            foreach (var packet in harness.Take())
            {
                if (TestPacket.Messages(packet.Bytes)[0] is (MessageKind.Ping, var body, _) && ProbeMessage.TryRead(body, out var ping))
                {
                    return (TestNodes.Name(packet.To), ping.Sequence);
                }
            }
        }
    }

    private static IEnumerable<MessageKind> Kinds(SentPacket packet) => TestPacket.Messages(packet.Bytes).Select(message => message.Kind);
}
