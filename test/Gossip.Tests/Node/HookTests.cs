using System.Collections.Concurrent;
using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Gossip.Tests.Transport;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>What a node tells its hooks.</summary>
public sealed class HookTests
{
    private const int Type = MessageTypeNumber.FirstUser;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hook_hears_of_the_whole_life_of_its_node_in_order()
    {
        await using var cluster = new LocalCluster();
        var node = GossipNode.Create(cluster.Options());
        var heard = new ConcurrentQueue<NodeEvent>();
        using var hook = node.Hook<NodeEvent>((happened, _) => Note(heard, happened));
        await node.OpenAsync(Token);
        var other = await cluster.AddAsync(options => options.Seeds.Add(LocalCluster.Address(node)));
        await node.SeesAsync(other.Id, MemberState.Alive);
        await other.LeaveAsync(Token);
        await node.SeesAsync(other.Id, MemberState.Left);
        await node.StopAsync(Token);

        await Awaiting.UntilAsync(() => heard.OfType<NodeStateChanged>().LastOrDefault()?.Current == GossipNodeState.Stopped);
        Assert.Equal(
            [GossipNodeState.Starting, GossipNodeState.Running, GossipNodeState.Stopping, GossipNodeState.Stopped],
            heard.OfType<NodeStateChanged>().Select(change => change.Current));
        Assert.Equal(cluster.Name, Assert.Single(heard.OfType<NodeConfigured>()).Options.ClusterName);
        var changes = heard.OfType<MemberChanged>().Select(happened => happened.Change).ToArray();
        Assert.True(changes[0].Member.IsLocal);
        var others = changes.Where(change => change.Member.Id == other.Id).ToArray();
        Assert.Equal(ClusterChangeKind.Added, others[0].Kind);
        Assert.Equal(MemberState.Left, others[^1].Member.State);
    }

    [Fact]
    public async Task Handlers_broadcasts_and_warnings_are_told()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var heard = new ConcurrentQueue<NodeEvent>();
        using var handlers = b.Hook<HandlerEnded>((happened, _) => Note(heard, happened));
        using var starts = b.Hook<HandlerStarted>((happened, _) => Note(heard, happened));
        using var warnings = b.Hook<NodeWarned>((happened, _) => Note(heard, happened));
        using var broadcasts = a.Hook<BroadcastSent>((happened, _) => Note(heard, happened));
        using var well = b.Messages.Handle(Type, (_, _) => default);
        using var ill = b.Messages.Handle(Type + 1, (_, _) => throw new InvalidOperationException("not today"));

        await a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("four"), cancellationToken: Token);
        await a.Messages.SendAsync(Target.Node(b.Id), Type + 1, MessagePayload.Empty, cancellationToken: Token);

        await Awaiting.UntilAsync(() => heard.Count == 6);
        Assert.Equal([Type, Type + 1], heard.OfType<HandlerStarted>().Select(happened => happened.Context.Type));
        Assert.Equal([null, "not today"], heard.OfType<HandlerEnded>().Select(happened => happened.Error?.Message));
        var sent = Assert.Single(heard.OfType<BroadcastSent>());
        Assert.Equal((Type, 4, true), (sent.Type, sent.Size, sent.Result.Succeeded));
        var warned = Assert.Single(heard.OfType<NodeWarned>());
        Assert.Equal((LogLevel.Warning, "not today"), (warned.Level, warned.Error?.Message));
    }

    [Fact]
    public async Task Subscriptions_and_publications_are_told()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var heard = new ConcurrentQueue<NodeEvent>();
        using var all = b.Hook<NodeEvent>((happened, _) => happened is MemberChanged ? default : Note(heard, happened));
        using var published = a.Hook<TopicPublished>((happened, _) => Note(heard, happened));
        await using (await b.Topics.SubscribeAsync("orders.*", (_, _) => default, cancellationToken: Token))
        {
            Assert.True((await a.Topics.PublishAsync("orders.eu", Type, MessagePayload.FromText("tea"), cancellationToken: Token)).Succeeded);
        }

        await Awaiting.UntilAsync(() => heard.Count == 5);
        Assert.Equal(("orders.*", null), heard.OfType<TopicSubscribed>().Select(happened => (happened.Pattern, happened.QueueGroup)).Single());
        Assert.Equal(("orders.eu", Type, 3), heard.OfType<TopicPublished>().Select(happened => (happened.Topic, happened.Type, happened.Size)).Single());
        Assert.Equal((Type, "orders.eu"), heard.OfType<HandlerStarted>().Select(happened => (happened.Context.Type, happened.Context.Topic!)).Single());
        Assert.Null(heard.OfType<HandlerEnded>().Single().Error);
        Assert.Equal("orders.*", heard.OfType<TopicUnsubscribed>().Single().Pattern);
    }

    [Fact]
    public async Task A_hook_that_throws_or_hangs_harms_neither_the_node_nor_another_hook()
    {
        await using var cluster = new LocalCluster();
        var log = new LogLines();
        var node = GossipNode.Create(cluster.Options(), log);
        var release = new TaskCompletionSource();
        var heard = new ConcurrentQueue<NodeEvent>();
        using var throws = node.Hook<NodeStateChanged>((_, _) => throw new InvalidOperationException("a hook's own"));
        using var hangs = node.Hook<NodeStateChanged>(async (_, _) => await release.Task);
        using var own = node.Hook<NodeWarned>((happened, _) => Note(heard, happened));
        using var hook = node.Hook<NodeStateChanged>((happened, _) => Note(heard, happened));
        await node.OpenAsync(Token);
        await node.StopAsync(Token);
        await Awaiting.UntilAsync(() => heard.Count == 4 && log.Count("A hook failed on NodeStateChanged") == 4);
        Assert.Empty(heard.OfType<NodeWarned>()); // or a hook that fails would hear of itself for ever
        release.SetResult();
    }

    [Fact]
    public async Task A_removed_hook_hears_no_more_and_its_token_fires()
    {
        await using var cluster = new LocalCluster();
        await using var node = GossipNode.Create(cluster.Options());
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        var count = 0;
        var hook = node.Hook<NodeStateChanged>(async (_, token) =>
        {
            count++;
            entered.SetResult();
            await using var registration = token.Register(cancelled.SetResult);
            await cancelled.Task;
        });
        await node.OpenAsync(Token);
        await entered.Task.InTime();
        hook.Dispose();
        hook.Dispose();
        await cancelled.Task.InTime();
        await node.StopAsync(Token);
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task Of_what_a_slow_hook_does_not_take_the_oldest_goes_and_is_counted()
    {
        await using var cluster = new LocalCluster();
        await using var node = GossipNode.Create(cluster.Options());
        var release = new TaskCompletionSource();
        var heard = new ConcurrentQueue<NodeEvent>();
        using var hook = node.Hook<BroadcastSent>(async (happened, _) =>
        {
            await release.Task;
            heard.Enqueue(happened);
        });
        var all = Enumerable.Range(0, 2000).Select(i => new BroadcastSent(i, 0, new SendResult([]))).ToArray();
        Array.ForEach(all, node.Hooks.Publish);
        release.SetResult();
        await Awaiting.UntilAsync(() => heard.Count + node.Hooks.Dropped == all.Length);
        Assert.Same(all[^1], heard.Last());
        Assert.InRange(node.Hooks.Dropped, 2000 - 1024 - 1, 2000 - 1024);
    }

    [Fact]
    public async Task Messages_that_a_slow_hook_does_not_look_at_are_not_all_kept()
    {
        const int size = 1 << 20;
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var release = new TaskCompletionSource();
        using var hook = b.Hook<HandlerEnded>(async (_, _) => await release.Task);
        using var handler = b.Messages.Handle(Type, static (_, _) => default);
        for (var i = 0; i < 24; i++)
        {
            Assert.True((await a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[size]), cancellationToken: Token)).Succeeded);
        }

        await Awaiting.UntilAsync(() => b.Hooks.Dropped >= 24 - 16 - 1);
        release.SetResult();
    }

    private static ValueTask Note(ConcurrentQueue<NodeEvent> heard, NodeEvent happened)
    {
        heard.Enqueue(happened);
        return default;
    }
}
