using System.Collections.Concurrent;
using Gossip.Messaging;
using Gossip.Tests.Wire;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Messages that are larger than a frame.</summary>
public class PartTests
{
    private const int Type = TestCluster.Type;
    private const int Large = 9 << 20;

    private static readonly SendOptions Patient = new() { Timeout = TimeSpan.FromMinutes(5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(GossipMessaging.MaxMessageSize)] // the last that fits a frame
    [InlineData(GossipMessaging.MaxMessageSize + 1)]
    [InlineData(4 << 20)] // nothing is left for the message itself but one whole part
    [InlineData((4 << 20) + 1)]
    [InlineData(Large + 7)]
    public async Task A_reliable_message_of_any_size_arrives_whole(int size)
    {
        var cluster = TestCluster.Of(3);
        var content = Content(size, size);
        var handled = new ConcurrentDictionary<NodeId, int>();
        foreach (var node in cluster.Nodes)
        {
            node.Messages.Handle(Type, (context, _) =>
            {
                Assert.True(context.ReadBytes().Span.SequenceEqual(content));
                Assert.Equal("v", context.Headers["k"]);
                handled.AddOrUpdate(node.Id, 1, static (_, count) => count + 1);
                return default;
            });
        }

        var options = Patient with { Headers = new Dictionary<string, string> { ["k"] = "v" } };
        var result = await cluster.Run(cluster.Nodes[0].Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(content), options, Token).AsTask());

        Assert.True(result.Succeeded, string.Join(", ", result.Targets));
        Assert.Equal(cluster.Nodes.Skip(1).ToDictionary(node => node.Id, _ => 1), handled);
        Assert.All(cluster.Nodes, node => Assert.Equal(0, node.Messages.PartBytes));
    }

    [Fact]
    public async Task Requests_and_replies_of_any_size_arrive_whole()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var (question, answer) = (Content(1, Large), Content(2, Large + 1));
        b.Messages.HandleRequest(Type, (context, _) =>
        {
            Assert.True(context.ReadBytes().Span.SequenceEqual(question));
            return new(MessagePayload.FromBytes(answer));
        });

        var reply = await cluster.Run(a.Messages.RequestAsync(
            b.Id, Type, MessagePayload.FromBytes(question), new RequestOptions { Timeout = TimeSpan.FromMinutes(5) }, Token));

        Assert.True(reply.ReadBytes().Span.SequenceEqual(answer));
        Assert.Equal((0, 0), (a.Messages.PartBytes, b.Messages.PartBytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Faults_delay_a_large_message_and_do_not_change_it(int seed)
    {
        var cluster = TestCluster.Of(2, seed);
        cluster.Network.Faults = new Faults { Drop = 0.2, Duplicate = 0.2, Reorder = 0.3, Fail = 0.1, Full = 0.1 };
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var content = Content(seed, Large);
        var handled = 0;
        b.Messages.Handle(Type, (context, _) =>
        {
            Assert.True(context.ReadBytes().Span.SequenceEqual(content));
            Interlocked.Increment(ref handled);
            return default;
        });

        var result = await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(content), Patient, Token).AsTask());

        Assert.True(result.Succeeded, $"seed {seed}: {string.Join(", ", result.Targets)}");
        Assert.Equal(1, handled);
        Assert.True(cluster.Network is { Dropped: > 0, Duplicated: > 0 }, "The faults did not happen.");
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_anything_is_sent()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([], new MessagingOptions { MaxMessageBytes = Large });
        var b = cluster.Add([]);
        var tooLarge = MessagePayload.FromBytes(new byte[Large + 1]);
        using var handler = b.Messages.Handle(Type, (_, _) => throw new InvalidOperationException("too large, and handled"));

        var error = await Assert.ThrowsAsync<MessageTooLargeException>(() => a.Messages.SendAsync(Target.All, Type, tooLarge, Patient, Token).AsTask());
        Assert.Contains("MaxMessageBytes", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<MessageTooLargeException>(() => a.Messages.RequestAsync(b.Id, Type, tooLarge, cancellationToken: Token));
        var bestEffort = await Assert.ThrowsAsync<MessageTooLargeException>(() =>
            a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[Large]), new SendOptions { Delivery = Delivery.BestEffort }, Token).AsTask());
        Assert.Contains("reliably", bestEffort.Message, StringComparison.Ordinal);
        Assert.Equal(0, cluster.Network.Frames);
    }

    [Fact]
    public async Task A_target_that_takes_less_says_so()
    {
        var cluster = new TestCluster();
        var a = cluster.Add([]);
        var b = cluster.Add([], new MessagingOptions { MaxMessageBytes = GossipMessaging.MaxMessageSize });
        using var handler = b.Messages.Handle(Type, (_, _) => throw new InvalidOperationException("too large, and handled"));

        var result = await cluster.Run(a.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[Large]), Patient, Token).AsTask());

        var target = Assert.Single(result.Targets);
        Assert.Equal(SendOutcome.Refused, target.Outcome);
        Assert.Contains("MaxMessageBytes", target.Error, StringComparison.Ordinal);
        Assert.True(b.Messages.PartBytes <= GossipMessaging.MaxMessageSize);
        cluster.Clock.Advance(2 * PartStore.Patience);
        Assert.Equal(0, b.Messages.PartBytes);
    }

    [Fact]
    public async Task Parts_of_a_message_that_nobody_handles_are_not_kept()
    {
        var cluster = TestCluster.Of(2);
        var result = await cluster.Run(cluster.Nodes[0].Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[Large]), Patient, Token).AsTask());

        Assert.Equal(SendOutcome.NoHandler, Assert.Single(result.Targets).Outcome);
        Assert.Equal(0, cluster.Nodes[1].Messages.PartBytes);
    }

    [Fact]
    public void A_store_keeps_no_more_than_its_capacity_and_nothing_for_ever()
    {
        var clock = new TestClock();
        var store = new PartStore(maxMessage: Large, capacity: 3L * PartFormat.PartSize, clock);
        for (var i = 0; i < 3; i++)
        {
            store.OnPart(Part(id: (ulong)i, index: i));
            store.OnPart(Part(id: (ulong)i, index: i)); // again, which is no news
        }

        Assert.Equal(3L * PartFormat.PartSize, store.Bytes);
        Assert.Equal(Answer.Refused(Refusal.Overloaded), Assert.Throws<AnswerException>(() => store.OnPart(Part(id: 9, index: 0))).Answer);
        Assert.Equal(Answer.Refused(Refusal.TooLarge), Assert.Throws<AnswerException>(() => store.OnPart(Part(id: 0, index: 9))).Answer);
        Assert.False(store.TryTake(GoldenPackets.A, new PartList(2, 1), [], out _)); // its part is not the first
        Assert.False(store.TryTake(GoldenPackets.B, new PartList(0, 1), [], out _)); // another's

        Assert.True(store.TryTake(GoldenPackets.A, new PartList(0, 1), [7], out var payload));
        Assert.Equal(PartFormat.PartSize + 1, payload.Length);
        Assert.Equal(2L * PartFormat.PartSize, store.Bytes);

        clock.Advance(2 * PartStore.Patience);
        Assert.Equal(0, store.Bytes);
    }

    private static MessageContext Part(ulong id, int index) => new(new MessageTypeRegistry())
    {
        Sender = GoldenPackets.A,
        Type = PartFormat.Type,
        Verb = MessageVerb.Request,
        Id = 1,
        Created = default,
        Delivery = Delivery.Reliable,
        Headers = MessageLimits.EmptyHeaders,
        Payload = PartFormat.Write(id, index, new byte[PartFormat.PartSize]),
    };

    private static byte[] Content(int seed, int size)
    {
        var content = new byte[size];
        new Random(seed).NextBytes(content);
        return content;
    }
}
