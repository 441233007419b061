using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>Nobody can be brought to the end of its numbers.</summary>
public sealed class LimitsTests
{
    private const int TokenField = 1;
    private const int StatusField = 6;
    private const int GenerationField = 7;
    private const ulong Token = 1;
    private const long Connection = 9;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_suspicion_with_the_last_incarnation_is_answered_by_a_new_life()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('a', MemberState.Suspect, MemberStatement.MaxIncarnation));

        var asked = Assert.Single(a.Events, item => item.Kind == EngineEventKind.GenerationOutdated);
        Assert.Equal(TestNodes.Instance('a').Generation, asked.Generation);
        Assert.Equal(0UL, a.Member('a').Incarnation);
    }

    [Fact]
    public async Task A_node_survives_a_suspicion_with_the_last_incarnation()
    {
        await using var other = await LiveNodes.StartAsync();
        await using var node = await LiveNodes.StartAsync(other);
        await using var forger = LoopbackNode.Start();
        var before = node.Instance;
        var forged = new MemberStatement
        {
            Subject = before,
            State = MemberState.Suspect,
            Incarnation = MemberStatement.MaxIncarnation,
            Endpoint = NodeEndpoint.From(node.View.Local.Address),
        };
        var packet = TestPacket.Of(other.Instance, (ref WireWriter writer) => forged.Write(ref writer), node.Runtime.Identity.ClusterHash);
        forger.Transport.TrySendDatagram(NodeEndpoint.From(node.View.Local.Address), packet);
        forger.Transport.TrySendDatagram(NodeEndpoint.From(other.View.Local.Address), packet);

        await Awaiting.UntilAsync(() => node.Instance.Generation > before.Generation);
        await Awaiting.UntilAsync(() => other.View.Find(node.Id) is { State: MemberState.Alive } seen && seen.Instance == node.Instance);
        await node.SeesAsync(other.Id, MemberState.Alive);
    }

    [Theory]
    [InlineData(MemberStatement.MaxGeneration, MemberStatement.MaxIncarnation, true)]
    [InlineData(MemberStatement.MaxGeneration + 1, 0, false)]
    [InlineData(1, MemberStatement.MaxIncarnation + 1, false)]
    public void A_statement_above_the_limits_is_not_read(ulong generation, ulong incarnation, bool read)
    {
        var statement = TestNodes.Says('c', MemberState.Alive, incarnation, generation);
        var writer = new WireWriter(new byte[256]);
        statement.WriteFields(ref writer);
        Assert.Equal(read, MemberStatement.TryRead(writer.Written, out _));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(Connection, true)]
    public void A_reply_to_a_join_counts_on_a_stream_only(long connection, bool counts)
    {
        foreach (var cluster in new[] { TestNodes.Cluster, TestNodes.Cluster + 1 })
        {
            var a = Joining();
            a.Receive(new PacketSource(TestNodes.Endpoint('b'), connection), Reply(JoinStatus.ClusterMismatch, 0, cluster));
            Assert.Equal(counts, a.Events.Exists(item => item.Kind == EngineEventKind.JoinSettled));
        }
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(MemberStatement.MaxGeneration, false)]
    [InlineData(ulong.MaxValue, false)]
    public void A_reply_with_an_absurd_generation_raises_nothing(ulong generation, bool raises)
    {
        var a = Joining();
        a.Receive(new PacketSource(TestNodes.Endpoint('b'), Connection), Reply(JoinStatus.StaleGeneration, generation, TestNodes.Cluster));
        Assert.Equal(raises, a.Events.Exists(item => item.Kind == EngineEventKind.GenerationOutdated));
        Assert.Equal(JoinStatus.StaleGeneration, Assert.Single(a.Events, item => item.Kind == EngineEventKind.JoinSettled).Status);
    }

    private static EngineHarness Joining()
    {
        var a = EngineHarness.Started('a');
        a.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('b'), (long)Token));
        a.Events.Clear();
        return a;
    }

    private static byte[] Reply(JoinStatus status, ulong generation, ulong cluster) => TestPacket.Of(
        TestNodes.Instance('b'),
        (ref WireWriter writer) =>
        {
            var mark = writer.Begin((int)MessageKind.JoinReply);
            writer.Number(TokenField, Token);
            writer.Number(StatusField, (int)status);
            writer.Number(GenerationField, generation);
            writer.End(mark);
        },
        cluster);
}
