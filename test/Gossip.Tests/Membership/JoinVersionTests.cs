using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Resilience;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>Which versions of the protocol nodes write, and who comes in.</summary>
public sealed class JoinVersionTests
{
    private const long Token = 7;

    private static readonly ProtocolVersions Old = new(1, 1);
    private static readonly ProtocolVersions Both = new(1, 2);
    private static readonly ProtocolVersions New = new(2, 2);

    [Fact]
    public void Statements_say_versions_and_features_and_what_is_not_known_is_kept()
    {
        var statement = TestNodes.Says('b', MemberState.Alive) with { Versions = Both, Features = (NodeFeatures)0x8001 };
        var golden = Convert.FromHexString("0a10000000000000000000000000000000621001" + "2001" + "2a060a0000622cf7" + "5801" + "6002" + "68818002");
        Assert.Equal(Convert.ToHexStringLower(golden), Convert.ToHexStringLower(Encode(statement)));
        Assert.True(MemberStatement.TryRead(golden, out var read));
        Assert.Equal((Both, (NodeFeatures)0x8001), (read.Versions, read.Features));

        // A node that hears of it tells it with the same words.
        var a = EngineHarness.Started('a');
        a.Hear('c', statement);
        Assert.Equal(golden, Encode(a.Member('b').ToStatement(0, history: false)));
        Assert.Equal(["key-changes", "feature-15"], FeatureNames.Of(a.Member('b').Features));
    }

    [Theory]
    [InlineData("580560020801", false)]
    [InlineData("5802", false)]
    [InlineData("608002", false)]
    [InlineData("6003", true)]
    public void A_range_without_a_version_is_no_statement(string fields, bool expected) =>
        Assert.Equal(expected, MemberStatement.TryRead([.. Encode(TestNodes.Says('b', MemberState.Alive)), .. Convert.FromHexString(fields)], out _));

    [Fact]
    public void All_write_the_highest_version_that_all_read()
    {
        var a = Started('a', Both);
        Assert.Equal(2, a.Engine.Version);

        a.Hear('b', TestNodes.Says('b', MemberState.Alive) with { Versions = Both });
        Assert.Equal(2, a.Engine.Version);

        a.Hear('c', TestNodes.Says('c', MemberState.Alive));
        Assert.Equal(1, a.Engine.Version);
        a.Take();
        a.Advance(a.Options.Timing.ProbeInterval * 3);
        Assert.All(a.Take(), packet => Assert.Equal(1, packet.Bytes[PacketHeader.VersionOffset]));

        a.Hear('c', TestNodes.Says('c', MemberState.Left));
        Assert.Equal(2, a.Engine.Version);
    }

    [Fact]
    public void The_dead_are_asked_in_a_version_that_they_read()
    {
        var a = Started('a', Both);
        a.Hear('b', TestNodes.Says('b', MemberState.Alive) with { Versions = Both });
        a.Hear('b', TestNodes.Says('c', MemberState.Alive));
        a.Hear('b', TestNodes.Says('c', MemberState.Dead));
        a.Take();
        a.Advance(a.Options.Timing.ReconnectMax);

        var packets = a.Take();
        Assert.Equal(2, a.Engine.Version);
        Assert.All(packets.Where(packet => packet.To == TestNodes.Endpoint('c')), packet => Assert.Equal(1, packet.Bytes[PacketHeader.VersionOffset]));
        Assert.Contains(packets, packet => packet.To == TestNodes.Endpoint('c'));
    }

    [Theory]
    [InlineData(1, 1, 1, 2, 1)]
    [InlineData(1, 2, 1, 1, 1)]
    [InlineData(1, 2, 2, 3, 2)]
    [InlineData(2, 2, 1, 2, 2)]
    public void Both_sides_agree_on_the_highest_common_version(byte min, byte max, byte otherMin, byte otherMax, byte expected)
    {
        var (host, newcomer) = (Started('a', new(min, max)), Newcomer('b', new(otherMin, otherMax)));

        var settled = Join(newcomer, host);

        Assert.Equal(JoinStatus.Accepted, settled.Status);
        Assert.Equal((expected, expected), (host.Engine.Version, newcomer.Engine.Version));
        Assert.Equal(new ProtocolVersions(otherMin, otherMax), host.Member('b').Versions);
        Assert.Equal(new ProtocolVersions(min, max), newcomer.Member('a').Versions);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 9)]
    public void Without_a_common_version_both_sides_name_both_ranges_and_nothing_changes(byte min, byte max)
    {
        var (host, newcomer) = (Started('a', New), Newcomer('b', new(min, max)));

        var settled = Join(newcomer, host);

        var theirs = new ProtocolVersions(min, max);
        Assert.Equal(JoinStatus.VersionMismatch, settled.Status);
        Assert.Contains($"reads {theirs}, the other one 2", settled.Reason, StringComparison.Ordinal);
        var refused = Assert.Single(host.Events, item => item.Kind == EngineEventKind.NewcomerRefused);
        Assert.Contains($"reads 2, the other one {theirs}", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(newcomer.Options.Self, refused.Subject);
        Assert.Equal((1, 1), (host.Engine.Table.Count, newcomer.Engine.Table.Count));
        Assert.Equal((2, max), (host.Engine.Version, newcomer.Engine.Version));
    }

    [Fact]
    public void A_host_speaks_for_all_members_that_it_knows()
    {
        var (host, newcomer) = (Started('a', Both), Newcomer('b', New));
        host.Hear('c', TestNodes.Says('c', MemberState.Alive) with { Versions = Old });
        host.Take();

        var settled = Join(newcomer, host);

        Assert.Equal(JoinStatus.VersionMismatch, settled.Status);
        Assert.Contains("reads 2, the other one 1", settled.Reason, StringComparison.Ordinal);
        Assert.Equal(1, newcomer.Engine.Table.Count);
        Assert.False(host.Engine.Table.TryFind(TestNodes.Id('b'), out _));
    }

    [Fact]
    public void A_newcomer_writes_what_all_members_read_before_it_knows_them()
    {
        var (host, newcomer) = (Started('a', Both), Newcomer('b', Both));
        host.Hear('c', TestNodes.Says('c', MemberState.Alive) with { Versions = Old });
        host.Take();
        newcomer.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), Token));
        host.Receive(new PacketSource(default, 1), newcomer.Take().Single().Bytes);
        newcomer.Receive(new PacketSource(TestNodes.Endpoint('a'), 1), host.Take().Single(packet => packet.Path == TransmitPath.Connection).Bytes);

        Assert.False(newcomer.Engine.Table.TryFind(TestNodes.Id('c'), out _));
        Assert.Equal(1, newcomer.Engine.Version);
        newcomer.Advance(newcomer.Options.Timing.GossipInterval * 8);
        newcomer.Do((engine, now) => engine.OnTick(now));
        Assert.Equal(2, newcomer.Engine.Version); // nobody has told it of any other
    }

    [Fact]
    public void A_host_whose_version_a_newcomer_does_not_accept_learns_why_nobody_comes()
    {
        var host = Started('a', Old, options => options with { ApplicationVersion = "1.0\n2" });
        var newcomer = new EngineHarness(TestNodes.Options('b') with { ApplicationVersion = "3.0", AcceptsApplicationVersion = _ => false });
        newcomer.Do((engine, now) => engine.Start(now, joining: true));

        var settled = Join(newcomer, host);

        Assert.Equal(JoinStatus.VersionMismatch, settled.Status);
        Assert.Contains("application version '1.0?2'", settled.Reason, StringComparison.Ordinal);
        var declined = Assert.Single(host.Events, item => item.Kind == EngineEventKind.NewcomerRefused);
        Assert.Contains("does not want to be in a cluster with this one", declined.Reason, StringComparison.Ordinal);
        Assert.Contains("3.0", declined.Reason, StringComparison.Ordinal);
        Assert.Equal((1, 1), (host.Engine.Table.Count, newcomer.Engine.Table.Count));

        // Saying it again, or saying it unasked, is not heard.
        host.Receive('c', (ref WireWriter writer) => JoinMessage.Write(ref writer, MessageKind.JoinReply, 9, JoinStatus.VersionMismatch, 0, Old, "", null));
        Assert.Single(host.Events, item => item.Kind == EngineEventKind.NewcomerRefused);
    }

    private static byte[] Encode(MemberStatement statement)
    {
        var writer = new WireWriter(new byte[256]);
        statement.WriteFields(ref writer);
        return writer.Written.ToArray();
    }

    private static EngineHarness Started(char name, ProtocolVersions versions, Func<EngineOptions, EngineOptions>? change = null)
    {
        var options = TestNodes.Options(name) with { Versions = versions };
        var harness = new EngineHarness(change?.Invoke(options) ?? options);
        harness.Do((engine, now) => engine.Start(now, joining: false));
        harness.Take();
        return harness;
    }

    private static EngineHarness Newcomer(char name, ProtocolVersions versions)
    {
        var harness = new EngineHarness(TestNodes.Options(name) with { Versions = versions });
        harness.Do((engine, now) => engine.Start(now, joining: true));
        return harness;
    }

    private static EngineEvent Join(EngineHarness newcomer, EngineHarness host)
    {
        newcomer.Do((engine, now) => engine.Join(now, host.Options.Endpoint, Token));
        new EnginePair(host, newcomer).ExchangeStreams();
        return newcomer.Events.Single(item => item.Kind == EngineEventKind.JoinSettled);
    }
}
