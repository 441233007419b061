using Xunit;

namespace Gossip.Tests.Messaging;

public class OverloadTests
{
    private const int Type = TestCluster.Type;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beyond_slots_and_queue_messages_are_refused_and_a_hanging_handler_blocks_nobody_else()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 2, HandlerQueue = 3 });
        var release = new TaskCompletionSource();
        var ran = 0;
        using var handler = b.Messages.Handle(Type, async (_, _) =>
        {
            Interlocked.Increment(ref ran);
            await release.Task;
        });
        using var requests = b.Messages.HandleRequest(Type, (_, _) => default);
        b.Hanging = 2;
        var sends = Enumerable.Range(0, 5).Select(_ => a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask()).ToArray();
        await cluster.RunUntil(() => ran == 2 && cluster.Network.IsEmpty);
        var refused = await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask());
        Assert.Equal(new TargetResult(b.Self, SendOutcome.Refused, "overloaded"), Assert.Single(refused.Targets));
        await Assert.ThrowsAsync<RequestRefusedException>(() => cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token)));
        var dropped = b.Messages.Counters.Dropped;
        await a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, new SendOptions { Delivery = Delivery.BestEffort }, Token);
        await cluster.RunUntil(() => cluster.Network.IsEmpty);
        Assert.Equal(dropped + 1, b.Messages.Counters.Dropped);

        release.SetResult();
        b.Hanging = 0;
        Assert.All(await cluster.Run(Task.WhenAll(sends)), result => Assert.True(result.Succeeded));
        Assert.Equal(5, ran);
    }

    [Fact]
    public async Task One_hanging_handler_leaves_the_other_slots()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 2, HandlerQueue = 1000 });
        var release = new TaskCompletionSource();
        using var hang = b.Messages.Handle(Type, async (_, _) => await release.Task);
        using var work = b.Messages.Handle(Type + 1, (_, _) => default);
        b.Hanging = 1;
        var stuck = a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask();
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 1);
        var sends = Enumerable.Range(0, 200).Select(_ => a.Messages.SendAsync(Target.All, Type + 1, MessagePayload.Empty, cancellationToken: Token).AsTask());
        Assert.All(await cluster.Run(Task.WhenAll(sends)), result => Assert.True(result.Succeeded));
        Assert.Equal(SendOutcome.TimedOut, Assert.Single((await cluster.Run(stuck)).Targets).Outcome);
        release.SetResult();
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);
    }

    [Fact]
    public async Task Held_bytes_are_bounded()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerBytes = GossipMessaging.MaxMessageSize });
        var release = new TaskCompletionSource();
        using var handler = b.Messages.Handle(Type, async (_, _) => await release.Task);
        b.Hanging = 1;
        var large = MessagePayload.FromBytes(new byte[GossipMessaging.MaxMessageSize]);
        var first = a.Messages.SendAsync(Target.All, Type, large, cancellationToken: Token).AsTask();
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 1);
        var second = await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[1]), cancellationToken: Token).AsTask());
        Assert.Equal(SendOutcome.Refused, Assert.Single(second.Targets).Outcome);
        release.SetResult();
        b.Hanging = 0;
        Assert.True((await cluster.Run(first)).Succeeded);
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster.Add([], new MessagingOptions { HandlerBytes = 1 }));
    }

    [Fact]
    public async Task What_waited_longer_than_its_sender_is_not_handled()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 1 });
        var release = new TaskCompletionSource();
        using var hang = b.Messages.Handle(Type, async (_, _) => await release.Task);
        var late = 0;
        using var work = b.Messages.Handle(Type + 1, (_, _) =>
        {
            late++;
            return default;
        });
        b.Hanging = 1;
        var sends = new[] { Type, Type + 1 }.Select(type => a.Messages.SendAsync(Target.All, type, MessagePayload.Empty, cancellationToken: Token).AsTask());
        var results = await cluster.Run(Task.WhenAll(sends));
        Assert.All(results, result => Assert.Equal(SendOutcome.TimedOut, Assert.Single(result.Targets).Outcome));
        release.SetResult();
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);
        Assert.Equal(0, late);
    }
}
