using System.Buffers;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>What serves one message after another, such as slots and rented memory, shows nobody anything of the one before.</summary>
public class IsolationTests
{
    private const int Type = TestCluster.Type;

    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Delivery.BestEffort)]
    [InlineData(Delivery.Reliable)]
    public async Task An_async_local_value_ends_with_its_handler(Delivery delivery)
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { HandlerConcurrency = 1, HandlerQueue = 10 });
        using var release = new ManualResetEventSlim();
        var local = new AsyncLocal<string>();
        var seen = new List<string?>();
        using var handler = b.Messages.Handle(Type, (_, _) =>
        {
            seen.Add(local.Value);
            local.Value = "left behind";
            release.Wait(Token); // so that the next one is handled by the same thread, right after it
            return default;
        });
        b.Hanging = 1;
        var options = new SendOptions { Delivery = delivery };
        var sends = Enumerable.Range(0, 3).Select(_ => a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.Empty, options, Token).AsTask()).ToArray();
        await cluster.RunUntil(() => cluster.Network.IsEmpty && b.Messages.Counters.Received == 3);

        release.Set();
        b.Hanging = 0;
        await cluster.Run(Task.WhenAll(sends));
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);

        Assert.Equal(new string?[3], seen);
    }

    [Fact]
    public async Task A_context_that_was_kept_never_changes()
    {
        const byte Messages = 200;
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var kept = new List<MessageContext>();
        using var handler = b.Messages.Handle(Type, (context, _) =>
        {
            lock (kept)
            {
                kept.Add(context);
            }

            return default;
        });
        for (byte i = 0; i < Messages; i++)
        {
            var payload = MessagePayload.FromBytes(Enumerable.Repeat(i, i).ToArray());
            Assert.True((await a.Messages.SendAsync(Target.Node(b.Id), Type, payload, BestEffort, Token)).Succeeded);
        }

        await cluster.RunUntil(() => b.Messages.Counters.Received == Messages && b.Messages.RunningHandlers == 0);
        foreach (var context in kept)
        {
            Assert.Equal(context.Id, (ulong)context.Size + 1); // numbered from one
            Assert.All(context.ReadBytes().ToArray(), value => Assert.Equal(context.Size, value));
        }

        Assert.Equal(Messages, kept.DistinctBy(context => context.Id).Count());
    }

    [Fact]
    public async Task A_message_that_waits_for_room_arrives_whole()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        cluster.Network.Faults = new Faults { Full = 1 };
        byte[]? arrived = null;
        using var handler = b.Messages.Handle(Type, (context, _) =>
        {
            arrived = context.ReadBytes().ToArray();
            return default;
        });
        var sent = new byte[3000];
        new Random(1).NextBytes(sent);
        var sending = a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(sent), BestEffort, Token).AsTask();
        Assert.False(sending.IsCompleted);

        Scribble(sent.Length);
        cluster.Network.Faults = new Faults();

        Assert.True((await cluster.Run(sending)).Succeeded);
        await cluster.RunUntil(() => arrived is not null);
        Assert.Equal(sent, arrived);
    }

    [Fact]
    public async Task What_cannot_be_sent_to_one_node_is_told_to_whoever_awaits_it()
    {
        var cluster = TestCluster.Of(2);
        var tooLarge = MessagePayload.FromBytes(new byte[GossipMessaging.MaxMessageSize + 1]);
        var sending = cluster.Nodes[0].Messages.SendAsync(Target.Node(cluster.Nodes[1].Id), Type, tooLarge, BestEffort, Token);
        await Assert.ThrowsAsync<MessageTooLargeException>(async () => await sending);
    }

    /// <summary>Uses rented memory of about a size as the next ones would who rent it.</summary>
    private static void Scribble(int size)
    {
        var buffers = Enumerable.Range(0, 10).Select(_ => ArrayPool<byte>.Shared.Rent(size)).ToArray();
        foreach (var buffer in buffers)
        {
            Array.Fill(buffer, byte.MaxValue);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
