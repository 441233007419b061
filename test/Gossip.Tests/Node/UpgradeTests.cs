using Gossip.Tests.Resilience;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Real nodes go over to another version of the protocol, with messages between them.</summary>
public sealed class UpgradeTests
{
    private const int Type = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_of_two_versions_talk_and_go_over_to_the_new_one_when_the_last_old_one_leaves()
    {
        await using var old = await LiveNodes.StartAsync(options => options.Versions = new(1, 1));
        await using var a = await LiveNodes.StartAsync(old, options => options.Versions = new(1, 2));
        await using var b = await LiveNodes.StartAsync(old, options => options.Versions = new(1, 2));
        await a.SeesAsync(b.Id, MemberState.Alive);
        await b.SeesAsync(a.Id, MemberState.Alive);
        Assert.Equal(new ProtocolVersions(1, 2), old.View.Find(a.Id)!.Protocol);
        Assert.Equal(["key-changes"], a.View.Find(old.Id)!.Features);
        Assert.All(new[] { old, a, b }, node => Assert.Equal(1, node.ProtocolVersion));
        await TalkAsync(a, old);
        await TalkAsync(old, b);

        await old.StopAsync(Cancellation);
        await Awaiting.UntilAsync(() => a.ProtocolVersion == 2 && b.ProtocolVersion == 2);
        await TalkAsync(a, b);

        await using var next = await LiveNodes.StartAsync(a, options => options.Versions = new(2, 2));
        await b.SeesAsync(next.Id, MemberState.Alive);
        await TalkAsync(next, b);
        await TalkAsync(b, next);
    }

    private static async Task TalkAsync(GossipNode from, GossipNode to)
    {
        await Awaiting.UntilAsync(() => from.View.Find(to.Id) is { State: MemberState.Alive });
        using var handler = to.Messages.HandleRequest(Type, (context, _) => ValueTask.FromResult(context.Payload));
        var reply = await from.Messages.RequestAsync(to.Id, Type, MessagePayload.FromText("heard?"), new RequestOptions { IsIdempotent = true, Timeout = TimeSpan.FromSeconds(20) }, Cancellation);
        Assert.Equal("heard?", reply.ReadText());
    }
}
