using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Resilience;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>A join that one side does not want leaves nothing behind on either.</summary>
public sealed class JoinRefusalTests
{
    private const long Token = 7;
    private const int Rounds = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_newcomer_that_refuses_its_host_is_no_ghost_there()
    {
        var host = EngineHarness.Started('a', 'c');
        var newcomer = new EngineHarness(TestNodes.Options('b') with { AcceptsApplicationVersion = _ => false });
        newcomer.Do((engine, now) => engine.Start(now, joining: true));
        newcomer.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), Token));

        new EnginePair(host, newcomer).ExchangeStreams();
        host.Advance(host.Options.Timing.ProbeInterval * Rounds);

        Assert.Equal(JoinStatus.VersionMismatch, Assert.Single(newcomer.Events, item => item.Kind == EngineEventKind.JoinSettled).Status);
        Assert.False(host.Engine.Table.TryFind(TestNodes.Id('b'), out _));
        Assert.DoesNotContain(host.Take(), packet => packet.To == TestNodes.Endpoint('b'));
        Assert.Equal(1, newcomer.Engine.Table.Count);
    }

    [Fact]
    public async Task Both_sides_stay_alone_when_the_newcomer_does_not_want_the_hosts_version()
    {
        await using var host = await LiveNodes.StartAsync(options => options.ApplicationVersion = "1.0");
        await using var newcomer = await LiveNodes.StartAsync(options => options.AcceptApplicationVersion = version => version != "1.0");

        var result = Assert.Single(await newcomer.JoinAsync([host.Address()], Cancellation));

        Assert.Equal(JoinFailure.VersionMismatch, result.Failure);
        Assert.Contains("ApplicationVersion", result.Error!.Message, StringComparison.Ordinal);
        Assert.Single(host.View.Members);
        Assert.Single(newcomer.View.Members);
    }

    [Fact]
    public void A_host_that_hears_no_more_of_a_newcomer_forgets_that_it_asked()
    {
        var host = EngineHarness.Started('a');
        var newcomer = Asking('b', host, out var reply);

        Assert.Equal(1, host.Engine.Table.Count);
        newcomer.Receive(new PacketSource(TestNodes.Endpoint('a'), 1), reply);
        new EnginePair(host, newcomer).ExchangeStreams();

        Assert.Equal(MemberState.Alive, host.Member('b').State);
        Assert.Equal(["mine"], host.Member('b').Facts.Tags);
    }

    private static EngineHarness Asking(char name, EngineHarness host, out byte[] reply)
    {
        var newcomer = new EngineHarness(name);
        newcomer.Do((engine, now) => engine.Start(now, joining: true));
        newcomer.Do((engine, now) => engine.ChangeFacts(now, [new(Gossip.Metadata.FactKind.Tag, "mine", true)]));
        newcomer.Do((engine, now) => engine.Join(now, host.Options.Endpoint, Token));
        host.Receive(new PacketSource(default, 1), newcomer.Take().Single().Bytes);
        reply = host.Take().Single().Bytes;
        return newcomer;
    }
}
