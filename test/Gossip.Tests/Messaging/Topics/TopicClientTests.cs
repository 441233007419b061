using System.Collections.Concurrent;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Topics of nodes that talk to a cluster without being members of it.</summary>
public class TopicClientTests
{
    private const int Type = MessageTypeNumber.FirstUser;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_publishes()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var heard = new ConcurrentQueue<string>();
        await SubscribeAsync(cluster.Nodes.Last(), "t", heard);
        await using var client = await StartAsync(cluster);
        await Awaiting.UntilAsync(() => client.Topics.KnownMembers == 1);
        Assert.True((await PublishAsync(client, "t", "x")).Succeeded);
        Assert.Equal([$"{client.Instance} t x"], heard);
    }

    [Fact]
    public async Task A_client_subscribes_and_hears_each_publication_once_whoever_publishes()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        await using var client = await StartAsync(cluster);
        var (narrow, wide) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await SubscribeAsync(client, "t.*", narrow);
        var second = await SubscribeAsync(client, "t.>", wide);
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(SendOutcome.Handled, Assert.Single((await PublishAsync(node, "t.1", "x")).Targets).Outcome);
        }

        var expected = cluster.Nodes.Select(node => $"{node.Instance} t.1 x").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(expected, narrow.Order(StringComparer.Ordinal));
        Assert.Equal(expected, wide.Order(StringComparer.Ordinal));

        // Its own comes once, too, though its member could forward it.
        narrow.Clear();
        await Awaiting.UntilAsync(() => client.Topics.KnownMembers == 1);
        Assert.True((await PublishAsync(client, "t.2", "y")).Succeeded);
        Assert.Equal([$"{client.Instance} t.2 y"], narrow);

        await second.DisposeAsync();
        Assert.True((await PublishAsync(cluster.Nodes.Last(), "t.3.4", "z")).IsEmpty);
    }

    [Fact]
    public async Task A_handler_of_a_client_that_throws_is_reported()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        await using var client = await StartAsync(cluster);
        await client.Topics.SubscribeAsync("t", (_, _) => throw new InvalidOperationException("spilled"), cancellationToken: Token);
        foreach (var node in cluster.Nodes)
        {
            var target = Assert.Single((await PublishAsync(node, "t", "x")).Targets);
            Assert.Equal((SendOutcome.Failed, "spilled"), (target.Outcome, target.Error));
        }
    }

    [Fact]
    public async Task Members_and_clients_of_one_queue_group_share_its_publications()
    {
        const int Publications = 100;
        await using var cluster = await LocalCluster.StartAsync(2);
        await using var one = await StartAsync(cluster);
        await using var two = await StartAsync(cluster);
        var takers = new ConcurrentDictionary<string, ConcurrentBag<NodeId>>();
        GossipNode[] workers = [one, two, cluster.Nodes.First()];
        foreach (var worker in workers)
        {
            await worker.Topics.SubscribeAsync(
                "work",
                (context, _) =>
                {
                    takers.GetOrAdd(context.ReadText(), static _ => []).Add(worker.Id);
                    return default;
                },
                new SubscribeOptions { QueueGroup = "g" },
                Token);
        }

        for (var i = 0; i < Publications; i++)
        {
            Assert.True((await PublishAsync(cluster.Nodes.Last(), "work", $"{i}")).Succeeded);
        }

        Assert.Equal(Publications, takers.Count);
        Assert.All(takers.Values, taken => Assert.Single(taken));
        Assert.Equal(workers.Select(worker => worker.Id).Order(), takers.Values.Select(taken => taken.Single()).Distinct().Order());
    }

    [Fact]
    public async Task A_client_whose_member_is_killed_subscribes_at_another_one_by_itself()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        await using var client = await StartAsync(cluster);
        var heard = new ConcurrentQueue<string>();
        await SubscribeAsync(client, "t", heard);
        var attendant = cluster.Nodes.Single(node => node.Topics.Subscriptions == 1);
        await cluster.KillAsync(attendant);

        var publisher = cluster.Nodes.Last();
        await Awaiting.UntilAsync(async () => (await PublishAsync(publisher, "t", "x")) is { IsEmpty: false, Succeeded: true });
        Assert.NotEmpty(heard);
        Assert.Equal(1, cluster.Nodes.Sum(node => node.Topics.Subscriptions));
    }

    [Fact]
    public async Task The_subscriptions_of_a_client_end_with_its_connection()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var client = await StartAsync(cluster);
        var heard = new ConcurrentQueue<string>();
        await SubscribeAsync(client, "t", heard);
        Assert.Equal(1, cluster.Nodes.Sum(node => node.Topics.Subscriptions));
        await client.DisposeAsync();
        await Awaiting.UntilAsync(() => cluster.Nodes.All(node => node.Topics.Subscriptions == 0));
        await Awaiting.UntilAsync(async () => (await PublishAsync(cluster.Nodes.First(), "t", "x")).IsEmpty && (await PublishAsync(cluster.Nodes.Last(), "t", "x")).IsEmpty);
    }

    private static Task<GossipNode> StartAsync(LocalCluster cluster) => GossipNode.StartAsync(
        cluster.Options(options =>
        {
            options.Client = true;
            options.Seeds.Add(LocalCluster.Address(cluster.Nodes.First()));
        }),
        cancellationToken: Token);

    private static Task<IAsyncDisposable> SubscribeAsync(GossipNode node, string pattern, ConcurrentQueue<string> heard) => node.Topics.SubscribeAsync(
        pattern,
        (context, _) =>
        {
            heard.Enqueue($"{context.Sender} {context.Topic} {context.ReadText()}");
            return default;
        },
        cancellationToken: Token);

    private static ValueTask<PublishResult> PublishAsync(GossipNode node, string topic, string text) =>
        node.Topics.PublishAsync(topic, Type, MessagePayload.FromText(text), cancellationToken: Token);
}
