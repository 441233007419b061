using System.Buffers.Binary;
using System.Collections.Concurrent;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>What holds whatever the network does.</summary>
public class DeliveryPropertyTests
{
    private const int Type = TestCluster.Type;
    private const int Messages = 150;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Reliable_messages_are_handled_at_most_once_and_success_is_never_false(int seed)
    {
        var random = new Random(seed);
        var cluster = TestCluster.Of(3, seed);
        cluster.Network.Faults = RandomFaults(random, worst: 0.9);
        var handled = new ConcurrentDictionary<(NodeId, int), int>();
        Handle(cluster, handled);

        var sends = Enumerable.Range(0, Messages)
            .Select(i => cluster.Nodes[0].Messages.SendAsync(Target.All, Type, Number(i), cancellationToken: Token).AsTask())
            .ToArray();
        var results = await cluster.Run(Task.WhenAll(sends));
        await Settle(cluster);

        Assert.All(handled.Values, count => Assert.Equal(1, count));
        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal(2, results[i].Targets.Length);
            foreach (var target in results[i].Targets)
            {
                var count = handled.GetValueOrDefault((target.Target.Id, i));
                if (target.Outcome == SendOutcome.Handled)
                {
                    Assert.Equal(1, count);
                }
                else
                {
                    Assert.Contains(target.Outcome, new[] { SendOutcome.TimedOut, SendOutcome.Unreachable });
                    Assert.True(target.Outcome != SendOutcome.Unreachable || count == 0);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Retries_overcome_loss_when_time_allows(int seed)
    {
        var cluster = TestCluster.Of(2, seed);
        cluster.Network.Faults = new Faults { Drop = 0.3, Duplicate = 0.3, Reorder = 0.3, Fail = 0.2, Full = 0.2 };
        var handled = new ConcurrentDictionary<(NodeId, int), int>();
        Handle(cluster, handled);
        var options = new SendOptions { Timeout = TimeSpan.FromMinutes(5) };
        var sends = Enumerable.Range(0, Messages)
            .Select(i => cluster.Nodes[0].Messages.SendAsync(Target.All, Type, Number(i), options, Token).AsTask())
            .ToArray();
        var results = await cluster.Run(Task.WhenAll(sends));
        await Settle(cluster);

        Assert.All(results, result => Assert.True(result.Succeeded));
        Assert.Equal(Messages, handled.Count);
        Assert.All(handled.Values, count => Assert.Equal(1, count));
        var (network, counters) = (cluster.Network, cluster.Nodes[0].Messages.Counters);
        Assert.True(network is { Dropped: > 0, Duplicated: > 0, Failed: > 0 } && counters.Retries > 0, "The faults did not happen.");
        Assert.True(cluster.Nodes[1].Messages.Counters.Duplicates > 0, "Nothing arrived twice.");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Best_effort_and_requests_are_handled_at_most_once(int seed)
    {
        var random = new Random(seed);
        var cluster = TestCluster.Of(2, seed);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        cluster.Network.Faults = RandomFaults(random, worst: 0.5);
        var handled = new ConcurrentDictionary<(NodeId, int), int>();
        var asked = new ConcurrentDictionary<(NodeId, int), int>();
        Handle(cluster, handled);
        using var requests = b.Messages.HandleRequest(Type, (context, _) =>
        {
            asked.AddOrUpdate((b.Id, Number(context)), 1, (_, count) => count + 1);
            return new(context.Payload);
        });
        var options = new SendOptions { Delivery = Delivery.BestEffort };
        a.StreamOnly = seed % 2 == 0;
        var sends = Task.WhenAll(Enumerable.Range(0, Messages).Select(i => a.Messages.SendAsync(Target.All, Type, Number(i), options, Token).AsTask()));
        var replies = Enumerable.Range(0, Messages).Select(i => a.Messages.RequestAsync(b.Id, Type, Number(i), cancellationToken: Token)).ToArray();
        await cluster.Run(sends);
        await cluster.RunUntil(() => replies.All(reply => reply.IsCompleted));
        await Settle(cluster);

        Assert.All(handled.Values.Concat(asked.Values), count => Assert.Equal(1, count));
        for (var i = 0; i < Messages; i++)
        {
            if (replies[i].IsCompletedSuccessfully)
            {
                Assert.Equal(Number(i).Encoded.ToArray(), (await replies[i]).Encoded.ToArray());
                Assert.Equal(1, asked[(b.Id, i)]);
            }
            else
            {
                Assert.True(replies[i].Exception!.InnerException is RequestTimeoutException or MemberUnreachableException);
            }
        }
    }

    private static Faults RandomFaults(Random random, double worst) => new()
    {
        Drop = random.NextDouble() * worst,
        Duplicate = random.NextDouble() * worst,
        Reorder = random.NextDouble() * worst,
        Fail = random.NextDouble() * worst,
        Full = random.NextDouble() * worst,
    };

    private static void Handle(TestCluster cluster, ConcurrentDictionary<(NodeId, int), int> handled)
    {
        foreach (var node in cluster.Nodes)
        {
            node.Messages.Handle(Type, (context, _) =>
            {
                handled.AddOrUpdate((node.Id, Number(context)), 1, (_, count) => count + 1);
                return default;
            });
        }
    }

    private static Task Settle(TestCluster cluster) =>
        cluster.RunUntil(() => cluster.Network.IsEmpty && cluster.Nodes.All(node => node.Messages.RunningHandlers == 0));

    private static MessagePayload Number(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return MessagePayload.FromBytes(bytes);
    }

    private static int Number(MessageContext context) => BinaryPrimitives.ReadInt32LittleEndian(context.ReadBytes().Span);
}
