using Gossip.Tests.Resilience;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Users' handlers that throw, hang, or hold their thread for ever: membership goes on, and a stop ends.</summary>
public sealed class HandlerMisbehaviourTests
{
    private const int Type = 300;
    private const int Messages = 40;
    private const int Tags = 10;

    /// <summary>As many as hold their thread, and as many again: the tests that run beside this one need some, too.</summary>
    private const int SpareThreads = 2 * Messages;

    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort };

    public enum Misbehaviour
    {
        Throws,
        ThrowsLater,
        NeverReturns,
        HoldsItsThread,
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Misbehaviour.Throws)]
    [InlineData(Misbehaviour.ThrowsLater)]
    [InlineData(Misbehaviour.NeverReturns)]
    [InlineData(Misbehaviour.HoldsItsThread)]
    public async Task A_misbehaving_handler_does_not_touch_membership_nor_hold_up_a_stop(Misbehaviour misbehaviour)
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, SpareThreads), ports);
        await using var other = await LiveNodes.StartAsync();
        var node = await LiveNodes.StartAsync(other, options => options.StopTimeout = TimeSpan.FromSeconds(1));
        using var release = new ManualResetEventSlim();
        var called = 0;
        using var handler = node.Messages.Handle(Type, (_, _) =>
        {
            Interlocked.Increment(ref called);
            return Misbehave(misbehaviour, release);
        });
        var worse = new List<ClusterChange>();
        var watching = Task.Run(async () =>
        {
            await foreach (var change in other.WatchAsync(Cancellation))
            {
                if (change.Current?.State is MemberState.Suspect or MemberState.Dead)
                {
                    worse.Add(change);
                }

                if (change.Current?.State is MemberState.Left)
                {
                    return;
                }
            }
        }, Cancellation);
        try
        {
            for (var i = 0; i < Messages; i++)
            {
                await other.Messages.SendAsync(Target.Node(node.Id), Type, MessagePayload.FromText("go"), BestEffort, cancellationToken: Cancellation);
            }

            await Awaiting.UntilAsync(() => Volatile.Read(ref called) > 0);
            for (var i = 0; i < Tags; i++)
            {
                var count = i + 1;
                await node.AddTagAsync($"tag{i}", Cancellation);
                await Awaiting.UntilAsync(() => other.View.Find(node.Id)!.Tags.Count == count);
            }

            await node.StopAsync(Cancellation).InTime();
            await watching.InTime();
            Assert.True(worse.Count == 0, string.Join("; ", worse));
            Assert.Equal(GossipNodeState.Stopped, node.State);
        }
        finally
        {
            release.Set();
        }
    }

    private static ValueTask Misbehave(Misbehaviour misbehaviour, ManualResetEventSlim release)
    {
        switch (misbehaviour)
        {
            case Misbehaviour.Throws:
                throw new InvalidOperationException("a handler's own mistake");
            case Misbehaviour.ThrowsLater:
                return ThrowLaterAsync();
            case Misbehaviour.NeverReturns:
                return new ValueTask(new TaskCompletionSource().Task);
            default:
                release.Wait(CancellationToken.None);
                return default;
        }
    }

    private static async ValueTask ThrowLaterAsync()
    {
        await Task.Yield();
        throw new InvalidOperationException("a handler's own mistake");
    }
}
