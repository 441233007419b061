using Xunit;

namespace Gossip.Tests.Messaging;

public class DrainTests
{
    private const int Type = TestCluster.Type;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Draining_finishes_handlers_and_sends_and_refuses_new_ones()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var release = new TaskCompletionSource();
        using var handler = b.Messages.Handle(Type, async (_, _) => await release.Task);
        using var back = a.Messages.Handle(Type, (_, _) => default);
        b.Hanging = 1;
        var incoming = a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask();
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 1);
        var outgoing = b.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask();

        var drain = b.Messages.DrainAsync(Token);
        await Assert.ThrowsAsync<GossipStoppedException>(() => b.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask());
        await Assert.ThrowsAsync<GossipStoppedException>(() => b.Messages.RequestAsync(a.Id, Type, MessagePayload.Empty, cancellationToken: Token));
        var refused = await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask());
        Assert.Equal(new TargetResult(b.Self, SendOutcome.Refused, "stopping"), Assert.Single(refused.Targets));
        Assert.False(drain.IsCompleted);
        release.SetResult();
        b.Hanging = 0;
        Assert.True((await cluster.Run(incoming)).Succeeded);
        Assert.True((await cluster.Run(outgoing)).Succeeded);
        await cluster.Run(drain);
    }

    [Fact]
    public async Task At_the_deadline_the_rest_is_reported_and_nothing_runs_afterwards()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 1 });
        var cancelled = new TaskCompletionSource();
        var ran = 0;
        using var handler = b.Messages.Handle(Type, async (_, cancellationToken) =>
        {
            ran++;
            using var registration = cancellationToken.Register(cancelled.SetResult);
            await cancelled.Task;
        });
        b.Hanging = 1;
        var sends = Enumerable.Range(0, 2).Select(_ => a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask()).ToArray();
        await cluster.RunUntil(() => ran == 1 && cluster.Network.IsEmpty);
        cluster.Network.Cut = (from, _, _) => from == b;
        var own = b.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask();
        var asked = b.Messages.RequestAsync(a.Id, Type, MessagePayload.Empty, cancellationToken: Token);

        using var deadline = new CancellationTokenSource();
        var drain = b.Messages.DrainAsync(deadline.Token);
        Assert.False(drain.IsCompleted);
        cluster.Network.Cut = (_, _, _) => false;
        await deadline.CancelAsync();
        await drain;
        Assert.Equal(SendOutcome.TimedOut, Assert.Single((await own).Targets).Outcome);
        await Assert.ThrowsAsync<RequestTimeoutException>(() => asked);
        await cancelled.Task;
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);
        var outcomes = (await cluster.Run(Task.WhenAll(sends))).Select(result => Assert.Single(result.Targets).Outcome);
        Assert.Equal([SendOutcome.Refused, SendOutcome.TimedOut], outcomes.Order());
        Assert.Equal(1, ran);
        var frames = cluster.Network.Frames;
        b.Messages.OnViewChanged(b.View);
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(frames, cluster.Network.Frames);
    }
}
