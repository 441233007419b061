using System.Collections.Concurrent;
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
