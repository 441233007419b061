using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>Who is let in, and what is said to who is not: node b asks node a.</summary>
public class JoinProtocolTests
{
    private const long Token = 7;
    private const long Connection = 3;

    [Fact]
    public void A_newcomer_and_its_host_know_each_other_afterwards()
    {
        var (a, b) = (EngineHarness.Started('a'), Joining('b'));

        Assert.Equal(JoinStatus.Accepted, Join(b, a));
        Assert.Equal(MemberState.Alive, a.Member('b').State);
        Assert.Equal(MemberState.Alive, b.Member('a').State);
        Assert.Equal(MemberState.Alive, b.Engine.Table.Local.State);
        Assert.Equal(TestNodes.Instance('a'), b.Events.Last(settled => settled.Kind == EngineEventKind.JoinSettled).Subject);
    }

    [Fact]
    public void Another_cluster_is_refused_and_not_remembered()
    {
        var a = EngineHarness.Started('a');
        var b = Joining(TestNodes.Options('b') with { ClusterHash = PacketHeader.HashCluster("other", "") });

        Assert.Equal(JoinStatus.ClusterMismatch, Join(b, a));
        Assert.Equal(1, a.Engine.Table.Count);
        Assert.Equal(1, b.Engine.Table.Count);
    }

    [Theory]
    [InlineData(1, 1, JoinStatus.Accepted)]
    [InlineData(0, 3, JoinStatus.Accepted)]
    [InlineData(2, 3, JoinStatus.VersionMismatch)]
    [InlineData(0, 0, JoinStatus.VersionMismatch)]
    public void The_ranges_of_protocol_versions_must_overlap(ulong min, ulong max, object expected)
    {
        var a = EngineHarness.Started('a');
        a.Receive(new PacketSource(default, Connection), TestPacket.Of(TestNodes.Instance('b'), (ref WireWriter writer) =>
        {
            var mark = writer.Begin((int)MessageKind.JoinRequest);
            writer.Number(1, (ulong)Token);
            writer.Number(2, min);
            writer.Number(3, max);
            var statement = writer.Begin(5);
            TestNodes.Says('b', MemberState.Alive).WriteFields(ref writer);
            writer.End(statement);
            writer.End(mark);
        }));

        Assert.Equal(expected, ReplyStatus(a.Take()));
    }

    [Fact]
    public void A_later_wire_version_is_told_why_it_cannot_join_instead_of_being_ignored()
    {
        var a = EngineHarness.Started('a');
        var b = Joining('b');
        b.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), Token));
        var request = b.Take().Single().Bytes;
        request[1] = PacketHeader.CurrentVersion + 1;
        a.Receive(new PacketSource(default, Connection), request);

        // Its range still reaches down to this version, so it may come in and speak that.
        Assert.Equal(JoinStatus.Accepted, ReplyStatus(a.Take()));
    }

    [Fact]
    public void The_application_version_is_put_to_the_predicate()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { AcceptsApplicationVersion = version => version == "2.0" });
        a.Do((engine, now) => engine.Start(now, joining: false));

        Assert.Equal(JoinStatus.VersionMismatch, Join(Joining(TestNodes.Options('b') with { ApplicationVersion = "1.0" }), a));
        Assert.Equal(JoinStatus.Accepted, Join(Joining(TestNodes.Options('c') with { ApplicationVersion = "2.0" }), a));
    }

    [Fact]
    public void A_node_that_reaches_itself_is_told()
    {
        var a = EngineHarness.Started('a');
        a.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('x'), Token));
        a.Receive(new PacketSource(default, Connection), a.Take().Single().Bytes);
        a.Receive(new PacketSource(default, Connection + 1), a.Take().Single().Bytes);

        Assert.Equal(JoinStatus.Self, a.Events.Single(settled => settled.Kind == EngineEventKind.JoinSettled).Status);
        Assert.Equal(1, a.Engine.Table.Count);
    }

    [Fact]
    public void Another_process_with_the_identity_of_the_host_is_refused() =>
        Assert.Equal(JoinStatus.DuplicateId, Join(Joining(TestNodes.Options('a') with { Self = TestNodes.Instance('a', 9) }), EngineHarness.Started('a')));

    [Fact]
    public void Another_process_with_the_identity_of_a_living_member_elsewhere_is_refused_until_that_is_dead()
    {
        var a = EngineHarness.Started('a', 'b');
        var second = TestNodes.Options('b') with { Self = TestNodes.Instance('b', 9), Endpoint = TestNodes.Endpoint('z') };

        Assert.Equal(JoinStatus.DuplicateId, Join(Joining(second), a));
        Assert.Equal(TestNodes.Endpoint('b'), a.Member('b').Endpoint);

        a.Hear('c', TestNodes.Says('b', MemberState.Dead));
        Assert.Equal(JoinStatus.Accepted, Join(Joining(second), a));
        Assert.Equal(TestNodes.Endpoint('z'), a.Member('b').Endpoint);
    }

    [Fact]
    public void A_restart_at_the_same_address_is_let_in_at_once()
    {
        var a = EngineHarness.Started('a', 'b');

        Assert.Equal(JoinStatus.Accepted, Join(Joining(TestNodes.Options('b') with { Self = TestNodes.Instance('b', 2) }), a));
        Assert.Equal(2UL, a.Member('b').Instance.Generation);
    }

    [Fact]
    public void A_generation_behind_the_one_that_is_remembered_is_refused_and_learns_it()
    {
        var a = EngineHarness.Started('a');
        a.Hear('c', TestNodes.Says('b', MemberState.Dead, generation: 8));
        var b = Joining('b');

        Assert.Equal(JoinStatus.StaleGeneration, Join(b, a));
        Assert.Equal(8UL, b.Events.Single(outdated => outdated.Kind == EngineEventKind.GenerationOutdated).Generation);
    }

    [Fact]
    public void A_full_table_is_said_to_be_full()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { MaxMembers = 2 });
        a.Do((engine, now) => engine.Start(now, joining: false));

        Assert.Equal(JoinStatus.Accepted, Join(Joining('b'), a));
        Assert.Equal(JoinStatus.Full, Join(Joining('c'), a));
        Assert.False(a.Engine.Table.TryFind(TestNodes.Id('c'), out _));
    }

    [Fact]
    public void A_request_over_datagrams_or_for_somebody_else_is_not_answered()
    {
        var a = EngineHarness.Started('a');
        var b = Joining('b');
        b.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), Token));
        var request = b.Take().Single().Bytes;
        a.Receive(new PacketSource(TestNodes.Endpoint('b'), 0), request);
        Assert.DoesNotContain(a.Take(), packet => PacketText.Describe(packet).Contains("joinreply", StringComparison.Ordinal));

        var (_, body, _) = TestPacket.Messages(request)[0];
        a.Receive(new PacketSource(default, Connection), TestPacket.Of(TestNodes.Instance('c'), MessageKind.JoinRequest, body));
        Assert.Empty(a.Take());
        Assert.Equal(1, a.Engine.Table.Count);
    }

    [Fact]
    public void A_join_that_nobody_answers_times_out_and_one_that_nobody_accepts_is_unreachable()
    {
        var b = Joining('b');
        b.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), Token));
        b.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('c'), Token + 1));
        b.Do((engine, now) => engine.OnUndeliverable(now, TestNodes.Endpoint('c'), refused: false));
        b.Advance(b.Options.Timing.JoinTimeout);

        var settled = b.Events.Where(settled => settled.Kind == EngineEventKind.JoinSettled).Select(settled => (settled.Token, settled.Status));
        Assert.Equal([(Token + 1, JoinStatus.Unreachable), (Token, JoinStatus.TimedOut)], settled);
    }

    private static EngineHarness Joining(char name) => Joining(TestNodes.Options(name));

    private static EngineHarness Joining(EngineOptions options)
    {
        var harness = new EngineHarness(options);
        harness.Do((engine, now) => engine.Start(now, joining: true));
        return harness;
    }

    /// <summary>Carries the request over, the reply back, and what the newcomer says then; the newcomer's view of the outcome.</summary>
    private static JoinStatus Join(EngineHarness newcomer, EngineHarness host)
    {
        newcomer.Do((engine, now) => engine.Join(now, host.Options.Endpoint, Token));
        host.Receive(new PacketSource(default, Connection), newcomer.Take().Single().Bytes);
        var reply = host.Take().Single(packet => packet.Path == TransmitPath.Connection);
        newcomer.Receive(new PacketSource(host.Options.Endpoint, Connection), reply.Bytes);
        foreach (var packet in newcomer.Take().Where(packet => packet.Path == TransmitPath.Stream))
        {
            host.Receive(new PacketSource(default, Connection), packet.Bytes);
        }

        return newcomer.Events.Single(settled => settled.Kind == EngineEventKind.JoinSettled).Status;
    }

    private static JoinStatus ReplyStatus(List<SentPacket> packets)
    {
        var status = 0;
        var reader = new WireReader(packets.SelectMany(packet => TestPacket.Messages(packet.Bytes)).Single(message => message.Kind == MessageKind.JoinReply).Body);
        while (reader.Next())
        {
            if (reader.Field == 6)
            {
                reader.Read(ref status);
            }
        }

        return (JoinStatus)status;
    }
}
