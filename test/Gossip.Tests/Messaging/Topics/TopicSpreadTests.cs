using System.Collections.Concurrent;
using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>How subscriptions become known, whatever the network does.</summary>
public class TopicSpreadTests
{
    private const int Type = TestCluster.Type;
    private const int Steps = 25;
    private static readonly string[] Patterns = ["a", "a.b", "a.*", "a.>", "*.b", ">", "c.d"];
    private static readonly string[] Topics = ["a", "a.b", "a.c", "c.d", "x.y.z"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 5)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task After_losses_deaths_by_mistake_and_restarts_all_know_who_subscribes_to_what(int seed)
    {
        var random = new Random(seed);
        var cluster = TestCluster.Of(4, seed);
        cluster.Network.Faults = new Faults { Drop = 0.2, Duplicate = 0.1, Reorder = 0.2, Fail = 0.2, Full = 0.1 };
        List<(TestNode Node, string Pattern, IAsyncDisposable Subscription)> there = [];
        var (withdrawn, restarts) = (0, 0);
        for (var step = 0; step < Steps; step++)
        {
            var node = cluster.Nodes[random.Next(cluster.Nodes.Count)];
            switch (random.Next(6))
            {
                case 0 or 1 or 2:
                    var pattern = Patterns[random.Next(Patterns.Length)];
                    try
                    {
                        var options = new SubscribeOptions { Timeout = TimeSpan.FromSeconds(random.Next(1, 10)) };
                        there.Add((node, pattern, await cluster.Run(node.Messages.Topics.SubscribeAsync(pattern, (_, _) => default, options, Token))));
                    }
                    catch (SubscribeException)
                    {
                        withdrawn++;
                    }

                    break;
                case 3 when there.Count > 0:
                    var gone = there[random.Next(there.Count)];
                    there.Remove(gone);
                    await cluster.Run(gone.Subscription.DisposeAsync().AsTask());
                    break;
                case 4:
                    node.State = node.State == MemberState.Alive ? MemberState.Dead : MemberState.Alive;
                    cluster.Publish();
                    break;
                case 5 when random.Next(3) == 0:
                    cluster.Restart(node);
                    there.RemoveAll(one => one.Node == node);
                    restarts++;
                    cluster.Publish();
                    break;
                default:
                    cluster.Publish();
                    break;
            }
        }

        cluster.Network.Faults = new Faults();
        cluster.Nodes.ForEach(node => node.State = MemberState.Alive);
        var expected = Topics.ToDictionary(topic => topic, topic =>
            there.Where(one => TopicPattern.Parse(one.Pattern).Matches(topic)).Select(one => one.Node.Id).Distinct().Order().ToArray());
        foreach (var publisher in cluster.Nodes)
        {
            foreach (var topic in Topics)
            {
                await UntilAsync(cluster, publisher, topic, expected[topic], $"seed {seed}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {there.Count} subscriptions, {withdrawn} withdrawn, {restarts} restarts");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_is_published_after_an_acknowledgement_arrives_though_the_network_is_bad(int seed)
    {
        var random = new Random(seed);
        var cluster = TestCluster.Of(3, seed);
        cluster.Network.Faults = new Faults { Drop = 0.3, Duplicate = 0.2, Reorder = 0.3, Fail = 0.2, Full = 0.2 };
        var minutes = new SubscribeOptions { Timeout = TimeSpan.FromMinutes(5) };
        for (var round = 0; round < 5; round++)
        {
            var heard = new ConcurrentBag<NodeInstance>();
            var subscriber = cluster.Nodes[random.Next(3)];
            await cluster.Run(subscriber.Messages.Topics.SubscribeAsync(
                $"round.{round}",
                (context, _) =>
                {
                    heard.Add(context.Sender);
                    return default;
                },
                minutes,
                Token));
            var options = new SendOptions { Timeout = TimeSpan.FromMinutes(5) };
            var results = await cluster.Run(Task.WhenAll(cluster.Nodes.Select(node => node.Messages.Topics.PublishAsync($"round.{round}", Type, MessagePayload.Empty, options, Token).AsTask())));
            Assert.All(results, result => Assert.Equal(subscriber.Self, Assert.Single(result.Targets).Target));
            Assert.All(results, result => Assert.True(result.Succeeded, $"seed {seed}, round {round}: {result.Targets[0]}"));
            Assert.Equal(cluster.Nodes.Select(node => node.Id).Order(), heard.Select(from => from.Id).Order());
        }
    }

    [Fact]
    public async Task A_queue_group_does_not_wait_for_a_node_that_no_frame_reaches()
    {
        var cluster = TestCluster.Of(3);
        var (a, b, c) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        var heard = new ConcurrentBag<NodeId>();
        foreach (var node in new[] { b, c })
        {
            await SubscribeAsync(node, "g");
        }

        await SubscribeAsync(b, null);
        cluster.Network.Leave(b); // which all others see alive
        var timeout = TimeSpan.FromSeconds(10);
        for (var i = 0; i < 4; i++)
        {
            var result = await cluster.Run(a.Messages.Topics.PublishAsync("t", Type, MessagePayload.Empty, new SendOptions { Timeout = timeout }, Token).AsTask());
            Assert.Equal([(b.Self, null, SendOutcome.Unreachable), (c.Self, "g", SendOutcome.Handled)], result.Targets.Select(target => (target.Target, target.QueueGroup, target.Outcome)));
        }

        Assert.Equal([c.Id, c.Id, c.Id, c.Id], heard);
        Assert.Equal(2, a.Messages.Topics.Counters.Failovers);

        Task<IAsyncDisposable> SubscribeAsync(TestNode node, string? group) => cluster.Run(node.Messages.Topics.SubscribeAsync(
            "t",
            (_, _) =>
            {
                heard.Add(node.Id);
                return default;
            },
            new SubscribeOptions { QueueGroup = group },
            Token));
    }

    [Fact]
    public void What_a_stranger_or_a_malformed_set_says_is_refused_and_changes_nothing()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var follower = new InterestFollower(a, sender: null!, Token); // which it needs to ask, and is not to
        var set = InterestFormat.Encode(1, [new Interest("t", null)]);
        var refused = Assert.Throws<AnswerException>(() => follower.OnInterests(Context(new NodeInstance(new NodeId(99), 1), set)));
        Assert.Equal(SendOutcome.Refused, refused.Answer.Outcome);
        Assert.Throws<AnswerException>(() => follower.OnInterests(Context(b.Self with { Generation = b.Self.Generation + 1 }, set))); // not known yet
        Assert.Throws<AnswerException>(() => follower.OnInterests(Context(a.Self, set)));
        Assert.Throws<AnswerException>(() => follower.OnInterests(Context(b.Self, InterestFormat.Encode(1, [new Interest("t.", null)]))));
        Assert.Equal(0, follower.Count);
        Assert.True(InterestFormat.TryRead(follower.OnInterests(Context(b.Self, set)).Encoded.Span, out var version, out _));
        Assert.Equal((1UL, 1), (version, follower.Count));
        b.State = MemberState.Dead;
        cluster.Publish();
        Assert.Throws<AnswerException>(() => follower.OnInterests(Context(b.Self, InterestFormat.Encode(2, []))));

        MessageContext Context(NodeInstance from, ReadOnlyMemory<byte> payload) => new(a.Types)
        {
            Sender = from,
            Type = TopicMessage.Interests,
            Verb = MessageVerb.Request,
            Id = 1,
            Created = cluster.Clock.GetUtcNow(),
            Delivery = Delivery.Reliable,
            Headers = new Dictionary<string, string>(),
            Payload = MessagePayload.FromBytes(payload),
        };
    }

    private static async Task UntilAsync(TestCluster cluster, TestNode publisher, string topic, NodeId[] expected, string run)
    {
        NodeId[] found = [];
        for (var attempt = 0; attempt < 100; attempt++)
        {
            cluster.Publish();
            var result = await cluster.Run(publisher.Messages.Topics.PublishAsync(topic, Type, MessagePayload.Empty, cancellationToken: Token).AsTask());
            found = [.. result.Targets.Select(target => target.Target.Id)];
            if (found.SequenceEqual(expected) && result.Succeeded)
            {
                return;
            }

            await cluster.Run(Task.Delay(TimeSpan.FromSeconds(1), cluster.Clock, Token));
        }

        Assert.Fail($"{run}: {publisher.Id} publishes '{topic}' to [{string.Join(' ', found)}] and not to [{string.Join(' ', expected)}]");
    }
}
