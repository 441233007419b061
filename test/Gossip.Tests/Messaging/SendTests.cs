using System.Text.Json;
using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

public class SendTests
{
    private const int Type = TestCluster.Type;
    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_registered_type_arrives_with_its_context()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        (Order Order, MessageContext Context)? received = null;
        using var handler = b.Messages.Handle<Order>((order, context, _) =>
        {
            received = (order, context);
            return default;
        });
        var options = new SendOptions { Headers = new Dictionary<string, string> { ["trace"] = "1" } };
        var result = await cluster.Run(a.Messages.SendAsync(Target.Node(b.Id), new Order(7, "tea"), options, Token).AsTask());

        Assert.True(result.Succeeded);
        Assert.Equal([new TargetResult(b.Self, SendOutcome.Handled, null)], result.Targets);
        Assert.Equal(new Order(7, "tea"), received!.Value.Order);
        var context = received.Value.Context;
        Assert.Equal(a.Self, context.Sender);
        Assert.Equal(200, context.Type);
        Assert.Equal(1UL, context.Id);
        Assert.Equal(cluster.Clock.GetUtcNow(), context.Created);
        Assert.Equal(Delivery.Reliable, context.Delivery);
        Assert.Equal(MessageVerb.Message, context.Verb);
        Assert.Equal("1", context.Headers["trace"]);
        Assert.Equal(context.Payload.Size, context.Size);
        Assert.Equal("tea", context.ReadJson().EnumerateObject().Last().Value.GetString());
    }

    [Fact]
    public async Task Best_effort_travels_as_a_datagram_when_it_fits_and_as_a_frame_when_not()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var sizes = new List<int>();
        using var handler = b.Messages.Handle(Type, (context, _) =>
        {
            Assert.Equal(Delivery.BestEffort, context.Delivery);
            lock (sizes)
            {
                sizes.Add(context.Size);
            }

            return default;
        });
        Assert.Equal(SendOutcome.Sent, Assert.Single((await Send(10)).Targets).Outcome);
        Assert.Equal((1, 0), (cluster.Network.Datagrams, cluster.Network.Frames));
        await Send(1200);
        Assert.Equal((1, 1), (cluster.Network.Datagrams, cluster.Network.Frames));
        a.StreamOnly = true;
        await Send(11);
        Assert.Equal((1, 2), (cluster.Network.Datagrams, cluster.Network.Frames));
        await cluster.RunUntil(() => sizes.Count == 3);
        Assert.Equal([10, 11, 1200], sizes.Order());

        Task<SendResult> Send(int size) => cluster.Run(a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[size]), BestEffort, Token).AsTask());
    }

    [Fact]
    public async Task Best_effort_waits_for_a_full_queue_and_then_times_out()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        a.StreamOnly = true;
        cluster.Network.Faults = new Faults { Full = 1 };
        var result = await cluster.Run(a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[1]), BestEffort, Token).AsTask());
        Assert.Equal(SendOutcome.TimedOut, Assert.Single(result.Targets).Outcome);
        Assert.False(result.Succeeded);
    }

    [Fact]
    public async Task Each_reliable_outcome_is_told()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        Assert.Equal(SendOutcome.NoHandler, (await Send()).Outcome);

        using (b.Messages.Handle(Type, (_, _) => throw new InvalidOperationException("no stock")))
        {
            Assert.Equal(new TargetResult(b.Self, SendOutcome.Failed, "no stock"), await Send());
            Assert.Equal(1, b.Messages.Counters.HandlerErrors);
        }

        using (b.Messages.Handle(Type, (_, _) => default))
        {
            Assert.Equal(SendOutcome.Handled, (await Send()).Outcome);
            cluster.Network.Faults = new Faults { Drop = 1 };
            Assert.Equal(SendOutcome.TimedOut, (await Send()).Outcome);
            cluster.Network.Faults = new Faults { Fail = 1 };
            Assert.Equal(SendOutcome.Unreachable, (await Send()).Outcome);
            cluster.Network.Faults = new Faults { Full = 1 };
            Assert.Equal(SendOutcome.Unreachable, (await Send()).Outcome);
        }

        Assert.Equal(0, a.Messages.InFlight);

        async Task<TargetResult> Send() =>
            Assert.Single((await cluster.Run(a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[1]), cancellationToken: Token).AsTask())).Targets);
    }

    [Fact]
    public async Task A_message_that_does_not_fit_the_type_has_failed()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        using var handler = b.Messages.Handle<Order>((_, _, _) => default);
        var result = await cluster.Run(a.Messages.SendAsync(Target.All, 200, MessagePayload.FromText("tea"), cancellationToken: Token).AsTask());
        Assert.Equal(SendOutcome.Failed, Assert.Single(result.Targets).Outcome);
        result = await cluster.Run(a.Messages.SendAsync(
            Target.All, 200, MessagePayload.FromJson(JsonElement.Parse("""{"Number":1,"Item":"x"}""")), cancellationToken: Token).AsTask());
        Assert.True(result.Succeeded);
    }

    [Fact]
    public async Task A_member_that_dies_leaves_or_restarts_ends_the_send()
    {
        foreach (var state in new[] { MemberState.Dead, MemberState.Left, MemberState.Alive })
        {
            var cluster = TestCluster.Of(2);
            var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
            cluster.Network.Faults = new Faults { Drop = 1 };
            var send = a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[1]), cancellationToken: Token).AsTask();
            Assert.Equal(1, a.Messages.InFlight);
            if (state == MemberState.Alive)
            {
                cluster.Restart(b);
            }
            else
            {
                b.State = state;
            }

            cluster.Publish();
            Assert.Equal(new TargetResult(b.Self, SendOutcome.Left, "the member left, died or restarted"), Assert.Single((await cluster.Run(send)).Targets));
            if (state != MemberState.Alive)
            {
                var again = await a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[1]), cancellationToken: Token);
                Assert.Equal(SendOutcome.Left, Assert.Single(again.Targets).Outcome);
            }
        }
    }

    [Fact]
    public async Task A_message_for_an_old_generation_is_refused_and_not_handled()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var restarted = cluster.Restart(b); // nobody has told the sender
        var handled = 0;
        using var messages = restarted.Messages.Handle(Type, (_, _) =>
        {
            handled++;
            return default;
        });
        using var requests = restarted.Messages.HandleRequest(Type, (_, _) =>
        {
            handled++;
            return default;
        });
        var result = await cluster.Run(a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[1]), cancellationToken: Token).AsTask());
        Assert.Equal(new TargetResult(b.Self, SendOutcome.Refused, "generation"), Assert.Single(result.Targets));
        await Assert.ThrowsAsync<RequestRefusedException>(() => cluster.Run(a.Messages.RequestAsync(b.Id, Type, MessagePayload.Empty, cancellationToken: Token)));
        await a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[1]), BestEffort, Token);
        while (cluster.Network.Step())
        {
        }

        Assert.Equal(0, handled);
    }

    [Fact]
    public async Task A_member_that_comes_back_from_the_dead_sees_no_number_twice()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var handled = 0;
        using var handler = b.Messages.Handle(Type, (_, _) =>
        {
            handled++;
            return default;
        });
        for (var i = 1; i <= 3; i++)
        {
            Assert.True((await cluster.Run(a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[1]), cancellationToken: Token).AsTask())).Succeeded);
            Assert.Equal(i, handled);
            b.State = MemberState.Dead;
            cluster.Publish();
            b.State = MemberState.Alive;
            cluster.Publish();
        }
    }

    [Fact]
    public async Task Cancelling_a_send_ends_it_at_once()
    {
        var cluster = TestCluster.Of(2);
        var a = cluster.Nodes[0];
        cluster.Network.Faults = new Faults { Drop = 1 };
        using var source = new CancellationTokenSource();
        var send = a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[1]), cancellationToken: source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => send);
        Assert.Equal(0, a.Messages.InFlight);
    }

    [Fact]
    public async Task An_unknown_codec_or_compression_is_refused()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        using var handler = b.Messages.Handle(Type, (_, _) => default);
        using var requests = b.Messages.HandleRequest(Type, (_, _) => default);
        var strange = new MessagePayload((PayloadKind)77, new byte[1]);
        var result = await cluster.Run(a.Messages.SendAsync(Target.All, Type, strange, cancellationToken: Token).AsTask());
        Assert.Equal(new TargetResult(b.Self, SendOutcome.Refused, "unknown codec"), Assert.Single(result.Targets));
        await Assert.ThrowsAsync<RequestRefusedException>(() => cluster.Run(a.Messages.RequestAsync(b.Id, Type, strange, cancellationToken: Token)));
        Assert.Equal("unknown compression", PayloadCodec.Check((int)PayloadKind.Json, 1));
        Assert.True(b.Messages.Counters.Refused >= 2);
    }

    [Fact]
    public async Task Limits_are_checked_before_anything_is_sent()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        using var handler = b.Messages.Handle(Type, (_, _) => default);
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Send(new byte[GossipMessaging.MaxMessageSize + 1], new SendOptions { Delivery = Delivery.BestEffort }));
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Send(new byte[new MessagingOptions().MaxMessageBytes + 1], new SendOptions()));
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Send([], new SendOptions { Headers = Headers(33, 1) }));
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Send([], new SendOptions { Headers = Headers(1, 4096) }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Send([], new SendOptions { Timeout = TimeSpan.Zero }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Send([], new SendOptions { Timeout = TimeSpan.FromHours(2) }));
        Assert.Equal(0, cluster.Network.Frames);
        Assert.True((await Send(new byte[GossipMessaging.MaxMessageSize], new SendOptions { Headers = Headers(32, 126) })).Succeeded);

        Task<SendResult> Send(byte[] payload, SendOptions options) =>
            cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(payload), options, Token).AsTask());

        static Dictionary<string, string> Headers(int count, int size) => Enumerable.Range(0, count).ToDictionary(i => $"{i:00}", _ => new string('x', size));
    }

    [Fact]
    public async Task A_type_has_one_handler_which_can_come_and_go()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var first = b.Messages.Handle(Type, (_, _) => default);
        Assert.Throws<MessageTypeException>(() => b.Messages.Handle(Type, (_, _) => default));
        using var request = b.Messages.HandleRequest(Type, (_, _) => default);
        Assert.Throws<MessageTypeException>(() => b.Messages.Handle(63, (_, _) => default));
        first.Dispose();
        using var second = b.Messages.Handle(Type, (_, _) => default);
        first.Dispose();
        Assert.True((await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.Empty, cancellationToken: Token).AsTask())).Succeeded);
    }

    [Fact]
    public async Task More_than_a_window_of_messages_wait_their_turn_and_all_arrive()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var handled = 0;
        using var handler = b.Messages.Handle(Type, (_, _) =>
        {
            Interlocked.Increment(ref handled);
            return default;
        });
        var sends = Enumerable.Range(0, 3000)
            .Select(_ => a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[1]), new SendOptions { Timeout = TimeSpan.FromMinutes(1) }, Token).AsTask())
            .ToArray();
        Assert.Equal(DeliveryWindow.Size, cluster.Network.Frames);
        var results = await cluster.Run(Task.WhenAll(sends));
        Assert.Equal(3000, handled);
        Assert.All(results, result => Assert.True(result.Succeeded));
    }

    [Fact]
    public async Task Too_many_unfinished_sends_are_refused_at_home()
    {
        var cluster = TestCluster.Of(2, options: new MessagingOptions { MaxPending = 2 });
        var a = cluster.Nodes[0];
        cluster.Network.Faults = new Faults { Drop = 1 };
        var sends = Enumerable.Range(0, 3).Select(_ => a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[1]), new SendOptions { WhenFull = QueueFullMode.Fail }, Token).AsTask()).ToArray();
        Assert.Equal(SendOutcome.Refused, Assert.Single((await sends[2]).Targets).Outcome);
        await cluster.Run(Task.WhenAll(sends));
        Assert.Equal(0, a.Messages.InFlight);
    }
}
