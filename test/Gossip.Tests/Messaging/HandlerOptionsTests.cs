using System.Collections.Concurrent;
using System.Collections.Immutable;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>How many messages a handler takes at once, and which of them in order.</summary>
public class HandlerOptionsTests
{
    private const int Type = TestCluster.Type;
    private const int Messages = 120;
    private const string Key = "customer";

    private static readonly HandlerOptions BySender = new() { Ordering = MessageOrdering.BySender };
    private static readonly SendOptions Patient = new() { Timeout = TimeSpan.FromMinutes(5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 3)];

    [Fact]
    public async Task A_limited_handler_takes_no_more_at_once_and_holds_up_no_other()
    {
        const int limit = 2;
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 8 });
        var release = new TaskCompletionSource();
        var (running, most) = (0, 0);
        using var limited = b.Messages.Handle(
            Type,
            async (_, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await release.Task;
                Interlocked.Decrement(ref running);
            },
            new HandlerOptions { MaxConcurrency = limit });
        using var other = b.Messages.Handle(Type + 1, (_, _) => default);
        b.Hanging = limit;

        var sends = Enumerable.Range(0, 10).Select(_ => Send(a, b, MessagePayload.Empty)).ToArray();
        await cluster.RunUntil(() => running == limit && b.Messages.Counters.Received == 10);
        Assert.True((await cluster.Run(a.Messages.SendAsync(Target.All, Type + 1, MessagePayload.Empty, cancellationToken: Token).AsTask())).Succeeded);
        Assert.Equal(limit, b.Messages.RunningHandlers);

        b.Hanging = 0;
        release.SetResult();
        Assert.All(await cluster.Run(Task.WhenAll(sends)), result => Assert.True(result.Succeeded));
        Assert.Equal(limit, most);
    }

    [Fact]
    public async Task What_waits_for_a_limited_handler_is_bounded_by_the_queue()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 8, HandlerQueue = 6 });
        var release = new TaskCompletionSource();
        using var limited = b.Messages.Handle(Type, async (_, _) => await release.Task, new HandlerOptions { MaxConcurrency = 1 });
        b.Hanging = 1;
        var sends = Enumerable.Range(0, 20).Select(_ => Send(a, b, MessagePayload.Empty)).ToArray();
        await cluster.RunUntil(() => sends.Count(send => send.IsCompleted) == 20 - 4);

        // Half of the queue is left for the others.
        using var other = b.Messages.Handle(Type + 1, static (_, _) => default, BySender);
        Assert.True((await cluster.Run(a.Messages.SendAsync(Target.All, Type + 1, MessagePayload.Empty, cancellationToken: Token).AsTask())).Succeeded);
        b.Hanging = 0;
        release.SetResult();
        var results = await cluster.Run(Task.WhenAll(sends));
        Assert.Equal(4, results.Count(result => result.Succeeded)); // one runs, and half of the queue waits
        Assert.All(results.Where(result => !result.Succeeded), result => Assert.Equal(SendOutcome.Refused, result.Targets[0].Outcome));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Messages_of_a_sender_are_handled_one_after_the_other_as_they_were_sent(int seed)
    {
        var (cluster, handled, overlaps) = await SendAllAsync(seed, BySender);
        Assert.All(handled, sender => Assert.Equal(Enumerable.Range(0, Messages), sender.Value));
        Assert.Equal(0, overlaps);
        Assert.True(cluster.Network is { Dropped: > 0, Duplicated: > 0, Failed: > 0 }, "The faults did not happen.");
    }

    [Fact]
    public async Task Without_ordering_the_same_messages_come_in_another_order()
    {
        var (_, handled, _) = await SendAllAsync(1, new HandlerOptions());
        Assert.Contains(handled, sender => !sender.Value.SequenceEqual(Enumerable.Range(0, Messages)));
    }

    [Fact]
    public async Task One_key_holds_up_no_other()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var release = new TaskCompletionSource();
        var handled = new ConcurrentQueue<string>();
        using var handler = b.Messages.Handle(
            Type,
            async (context, _) =>
            {
                if (context.ReadText() == "slow 1")
                {
                    await release.Task;
                }

                handled.Enqueue(context.ReadText());
            },
            new HandlerOptions { Ordering = MessageOrdering.ByHeader(Key) });
        b.Hanging = 1;
        var slow = new[] { "slow 1", "slow 2" }.Select(text => SendKeyed(text, "slow")).ToArray();
        var quick = new[] { "quick 1", "quick 2" }.Select(text => SendKeyed(text, "quick")).ToArray();
        var without = Send(a, b, MessagePayload.FromText("without"));
        await cluster.Run(Task.WhenAll([.. quick, without]));
        Assert.DoesNotContain("slow 2", handled);
        Assert.Equal(["quick 1", "quick 2"], handled.Where(text => text.StartsWith("quick", StringComparison.Ordinal)));

        b.Hanging = 0;
        release.SetResult();
        await cluster.Run(Task.WhenAll(slow));
        Assert.Equal(["slow 1", "slow 2"], handled.Where(text => text.StartsWith("slow", StringComparison.Ordinal)));

        Task<SendResult> SendKeyed(string text, string key) => a.Messages.SendAsync(
            Target.All, Type, MessagePayload.FromText(text), new SendOptions { Headers = ImmutableDictionary<string, string>.Empty.Add(Key, key) }, Token).AsTask();
    }

    [Fact]
    public async Task What_its_sender_gave_up_holds_up_none()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var handled = new ConcurrentQueue<string>();
        using var handler = b.Messages.Handle(Type, Note(handled), BySender);
        cluster.Network.Cut = (_, _, packet) => packet.AsSpan().IndexOf("lost"u8) >= 0;
        var lost = a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("lost"), new SendOptions { Timeout = TimeSpan.FromSeconds(3) }, Token).AsTask();
        var next = a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("next"), Patient, Token).AsTask();
        await cluster.RunUntil(() => b.Messages.Counters.Received == 1);
        Assert.Empty(handled);

        Assert.Equal(SendOutcome.TimedOut, (await cluster.Run(lost)).Targets[0].Outcome);
        Assert.True((await cluster.Run(next)).Succeeded);
        Assert.Equal(["next"], handled);
    }

    [Fact]
    public async Task What_waits_for_a_sender_that_is_gone_goes_when_its_time_is_over()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var handled = new ConcurrentQueue<string>();
        using var handler = b.Messages.Handle(Type, Note(handled), BySender);
        cluster.Network.Cut = (_, _, packet) => packet.AsSpan().IndexOf("lost"u8) >= 0;
        var sends = new[] { "lost", "next" }.Select(text => Send(a, b, MessagePayload.FromText(text))).ToArray();
        await cluster.RunUntil(() => b.Messages.Counters.Received == 1);
        cluster.Network.Cut = (from, _, _) => from == a;
        await cluster.Run(Task.WhenAll(sends));
        await cluster.Run(b.Messages.DrainAsync(CancellationToken.None)); // ends, for nothing waits
        Assert.Empty(handled);
    }

    [Fact]
    public async Task What_waits_before_one_handler_is_not_run_by_its_successor()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var release = new TaskCompletionSource();
        var handled = new ConcurrentQueue<string>();
        var entered = false;
        var first = b.Messages.Handle(
            Type,
            async (_, _) =>
            {
                Volatile.Write(ref entered, true);
                await release.Task;
            },
            BySender);
        b.Hanging = 1;
        var one = SendPatiently("1");
        await cluster.RunUntil(() => Volatile.Read(ref entered));
        var two = SendPatiently("2");
        await cluster.RunUntil(() => b.Messages.Counters.Received == 2);
        first.Dispose();
        using var second = b.Messages.Handle(Type, Note(handled), BySender);
        var three = SendPatiently("3");
        Assert.True((await cluster.Run(three)).Succeeded);
        b.Hanging = 0;
        release.SetResult();
        Assert.True((await cluster.Run(one)).Succeeded);
        Assert.Equal(SendOutcome.NoHandler, (await cluster.Run(two)).Targets[0].Outcome);
        Assert.Equal(["3"], handled);

        Task<SendResult> SendPatiently(string text) => a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText(text), Patient, Token).AsTask();
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        var node = TestCluster.Of(1).Nodes[0];
        Assert.Throws<ArgumentOutOfRangeException>(() => node.Messages.Handle(Type, (_, _) => default, new HandlerOptions { MaxConcurrency = 0 }));
        Assert.Throws<ArgumentException>(() => MessageOrdering.ByHeader(""));
        node.Messages.Handle(Type, (_, _) => default).Dispose(); // nothing was left behind
    }

    private static async Task<(TestCluster Cluster, Dictionary<NodeId, List<int>> Handled, int Overlaps)> SendAllAsync(int seed, HandlerOptions options)
    {
        var cluster = TestCluster.Of(3, seed);
        cluster.Network.Faults = new Faults { Drop = 0.3, Duplicate = 0.3, Reorder = 0.3, Fail = 0.2, Full = 0.2 };
        var receiver = cluster.Nodes[2];
        var handled = new Dictionary<NodeId, List<int>>();
        var running = new ConcurrentDictionary<NodeId, int>();
        var overlaps = 0;
        using var handler = receiver.Messages.Handle(
            Type,
            async (context, _) =>
            {
                overlaps += running.AddOrUpdate(context.Sender.Id, 1, static (_, count) => count + 1) > 1 ? 1 : 0;
                await Task.Yield();
                lock (handled)
                {
                    if (!handled.TryGetValue(context.Sender.Id, out var numbers))
                    {
                        handled[context.Sender.Id] = numbers = [];
                    }

                    numbers.Add(int.Parse(context.ReadText(), System.Globalization.CultureInfo.InvariantCulture));
                }

                running.AddOrUpdate(context.Sender.Id, 0, static (_, count) => count - 1);
            },
            options);
        var sends = Enumerable.Range(0, Messages)
            .SelectMany(i => cluster.Nodes.Take(2).Select(node => node.Messages.SendAsync(
                Target.Node(receiver.Id), Type, MessagePayload.FromText($"{i}"), Patient, Token).AsTask()))
            .ToArray();
        Assert.All(await cluster.Run(Task.WhenAll(sends)), result => Assert.True(result.Succeeded));
        Assert.Equal(2, handled.Count);
        return (cluster, handled, overlaps);
    }

    private static Func<MessageContext, CancellationToken, ValueTask> Note(ConcurrentQueue<string> handled) => (context, _) =>
    {
        handled.Enqueue(context.ReadText());
        return default;
    };

    private static Task<SendResult> Send(TestNode from, TestNode to, MessagePayload payload) =>
        from.Messages.SendAsync(Target.Node(to.Id), Type, payload, cancellationToken: Token).AsTask();
}
