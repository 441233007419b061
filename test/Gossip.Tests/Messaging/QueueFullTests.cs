using System.Collections.Concurrent;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>What becomes of messages that have no room on their way.</summary>
public class QueueFullTests
{
    private const int Type = TestCluster.Type;

    private static readonly MessagePayload Large = MessagePayload.FromBytes(new byte[3000]); // travels in a frame
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Delivery.BestEffort)]
    [InlineData(Delivery.Reliable)]
    public async Task Whoever_fails_is_refused_at_once(Delivery delivery)
    {
        var (cluster, a, _) = Full();
        Occupy(a);
        var refused = Assert.Single((await Send(a, delivery, QueueFullMode.Fail)).Targets);
        Assert.Equal(SendOutcome.Refused, refused.Outcome);
        Assert.Contains(delivery == Delivery.Reliable ? "unfinished" : "full", refused.Error, StringComparison.Ordinal);
        cluster.Network.Faults = new Faults();
    }

    [Theory]
    [InlineData(Delivery.BestEffort)]
    [InlineData(Delivery.Reliable)]
    public async Task Whoever_waits_goes_when_there_is_room_and_times_out_when_there_is_none(Delivery delivery)
    {
        var (cluster, a, b) = Full();
        var handled = Note(b);
        Occupy(a);
        var late = Send(a, delivery, QueueFullMode.Wait, TimeSpan.FromSeconds(1));
        var timedOut = Assert.Single((await cluster.Run(late)).Targets);
        Assert.Equal(SendOutcome.TimedOut, timedOut.Outcome);
        Assert.Contains(delivery == Delivery.Reliable ? "unfinished" : "full", timedOut.Error, StringComparison.Ordinal);

        var sends = Enumerable.Range(0, 3).Select(_ => Send(a, delivery, QueueFullMode.Wait)).ToArray();
        Assert.All(sends, send => Assert.False(send.IsCompleted));
        cluster.Network.Faults = new Faults();
        Assert.All(await cluster.Run(Task.WhenAll(sends)), result => Assert.True(result.Succeeded));
        await cluster.RunUntil(() => handled.Count >= 3 && a.Messages.InFlight == 0);
    }

    [Theory]
    [InlineData(Delivery.BestEffort)]
    [InlineData(Delivery.Reliable)]
    public async Task Of_those_that_may_be_dropped_the_newest_stay(Delivery delivery)
    {
        var (cluster, a, _) = Full();
        _ = Note(cluster.Nodes[1]);
        Occupy(a);
        var sends = Enumerable.Range(0, 5).Select(_ => Send(a, delivery, QueueFullMode.DropOldest)).ToArray();
        var patient = Send(a, delivery, QueueFullMode.Wait); // is not dropped for anybody
        var dropped = await cluster.Run(Task.WhenAll(sends[..3]));
        Assert.All(dropped, result => Assert.Equal((SendOutcome.Refused, "dropped for a newer message"), (result.Targets[0].Outcome, result.Targets[0].Error)));
        Assert.All(sends[3..], send => Assert.False(send.IsCompleted));

        cluster.Network.Faults = new Faults();
        Assert.All(await cluster.Run(Task.WhenAll([.. sends[3..], patient])), result => Assert.True(result.Succeeded));
    }

    [Fact]
    public async Task Reliable_messages_that_waited_are_handled_in_order()
    {
        var (cluster, a, b) = Full();
        var handled = new ConcurrentQueue<string>();
        using var handler = b.Messages.Handle(
            Type,
            (context, _) =>
            {
                handled.Enqueue(context.ReadText());
                return default;
            },
            new HandlerOptions { Ordering = MessageOrdering.BySender });
        var sends = Enumerable.Range(0, 20).Select(i => a.Messages.SendAsync(
            Target.All, Type, MessagePayload.FromText($"{i}"), new SendOptions { Timeout = Patience }, Token).AsTask()).ToArray();
        cluster.Network.Faults = new Faults { Drop = 0.3 };
        Assert.All(await cluster.Run(Task.WhenAll(sends)), result => Assert.True(result.Succeeded));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), handled);
    }

    [Theory]
    [InlineData(QueueFullMode.Wait)]
    [InlineData(QueueFullMode.DropOldest)]
    public async Task Whoever_gives_up_waiting_leaves_nothing_behind(QueueFullMode whenFull)
    {
        var (cluster, a, b) = Full();
        _ = Note(b);
        Occupy(a);
        using var giveUp = new CancellationTokenSource();
        var waiting = a.Messages.SendAsync(Target.All, Type, Large, new SendOptions { WhenFull = whenFull, Timeout = Patience }, giveUp.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        cluster.Network.Faults = new Faults();
        for (var i = 0; i < 5; i++)
        {
            Assert.True((await cluster.Run(Send(a, Delivery.Reliable, whenFull))).Succeeded);
        }

        Assert.Equal(0, a.Messages.InFlight);
    }

    [Fact]
    public async Task Who_waits_for_room_when_the_node_stops_is_told()
    {
        var (cluster, a, _) = Full();
        Occupy(a);
        var waiting = Send(a, Delivery.Reliable, QueueFullMode.Wait);
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await cluster.Run(a.Messages.DrainAsync(now.Token));
        Assert.Equal(SendOutcome.TimedOut, (await cluster.Run(waiting)).Targets[0].Outcome);
    }

    /// <summary>Two nodes, between which no frame is taken, and one of which may have two unfinished messages.</summary>
    private static (TestCluster Cluster, TestNode A, TestNode B) Full()
    {
        var cluster = TestCluster.Of(2, options: new MessagingOptions { MaxPending = 2, SendQueue = 2 });
        cluster.Network.Faults = new Faults { Full = 1 };
        return (cluster, cluster.Nodes[0], cluster.Nodes[1]);
    }

    /// <summary>Takes both places for unfinished messages.</summary>
    private static void Occupy(TestNode node)
    {
        for (var i = 0; i < 2; i++)
        {
            _ = Send(node, Delivery.Reliable, QueueFullMode.Fail);
        }
    }

    private static ConcurrentQueue<MessageContext> Note(TestNode node)
    {
        var handled = new ConcurrentQueue<MessageContext>();
        node.Messages.Handle(Type, (context, _) =>
        {
            handled.Enqueue(context);
            return default;
        });
        return handled;
    }

    private static Task<SendResult> Send(TestNode from, Delivery delivery, QueueFullMode whenFull, TimeSpan? timeout = null) => from.Messages.SendAsync(
        Target.All, Type, Large, new SendOptions { Delivery = delivery, WhenFull = whenFull, Timeout = timeout ?? Patience }, Token).AsTask();
}
