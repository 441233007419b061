using Xunit;

namespace Gossip.Tests.Messaging;

public class TargetTests
{
    private const int Type = TestCluster.Type;
    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_target_reaches_exactly_its_members()
    {
        var cluster = new TestCluster();
        var sender = cluster.Add(["web"]);
        cluster.Add(["web"]);
        cluster.Add(["worker"]);
        cluster.Add(["web", "worker"]);
        cluster.Add(["Web"]);
        cluster.Add([]);
        cluster.Nodes[5].State = MemberState.Suspect;
        cluster.Add(["web"]).State = MemberState.Dead;
        cluster.Publish();
        await Check(Target.All, 2, 3, 4, 5, 6);
        await Check(Target.Tag("web"), 2, 4);
        await Check(Target.AnyOfTags("web", "worker"), 2, 3, 4);
        await Check(Target.Node(cluster.Nodes[2].Id), 3);
        await Check(Target.Nodes(cluster.Nodes.Take(3).Concat(cluster.Nodes.Take(3)).Select(node => node.Id)), 2, 3);
        await Check(Target.Tag("none"));
        await Check(Target.AnyOfTags());
        await Check(Target.Node(sender.Id));

        async Task Check(Target target, params int[] expected)
        {
            var reached = new List<int>();
            var handlers = cluster.Nodes.Select((node, i) => node.Messages.Handle(Type, (_, _) =>
            {
                lock (reached)
                {
                    reached.Add(i + 1);
                }

                return default;
            })).ToArray();
            foreach (var options in new[] { new SendOptions(), BestEffort })
            {
                reached.Clear();
                var result = await cluster.Run(sender.Messages.SendAsync(target, Type, MessagePayload.Empty, options, Token).AsTask());
                await cluster.RunUntil(() => cluster.Network.IsEmpty && cluster.Nodes.All(node => node.Messages.RunningHandlers == 0));
                Assert.Equal(expected, reached.Order());
                Assert.Equal(expected.Select(number => cluster.Nodes[number - 1].Self), result.Targets.Select(each => each.Target));
                Assert.Equal(expected.Length == 0, result.IsEmpty);
                Assert.Equal(expected.Length > 0, result.Succeeded);
            }

            Array.ForEach(handlers, handler => handler.Dispose());
        }
    }

    [Fact]
    public async Task A_node_that_is_not_known_is_a_target_that_failed()
    {
        var sender = TestCluster.Of(2).Nodes[0];
        foreach (var options in new[] { new SendOptions(), BestEffort })
        {
            var result = await sender.Messages.SendAsync(Target.Node(new NodeId(999)), Type, MessagePayload.Empty, options, Token);
            Assert.Equal(SendOutcome.Unreachable, Assert.Single(result.Targets).Outcome);
        }
    }

    [Fact]
    public async Task A_broadcast_is_gossiped_once_and_handled_once_by_each()
    {
        var cluster = TestCluster.Of(4);
        var sender = cluster.Nodes[0];
        sender.MaxBroadcast = 500;
        var handled = 0;
        var handlers = cluster.Nodes.Select(node => node.Messages.Handle(Type, (context, _) =>
        {
            Assert.Equal(sender.Self, context.Sender);
            Interlocked.Increment(ref handled);
            return default;
        })).ToArray();
        var result = await cluster.Run(sender.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("hi"), BestEffort, Token).AsTask());
        await cluster.RunUntil(() => handled >= 3 && cluster.Nodes.All(node => node.Messages.RunningHandlers == 0));
        Assert.Equal(3, handled);
        Assert.Equal(3, result.Targets.Length);
        Assert.Equal(1, sender.Broadcasted);
        Assert.Equal((0, 0), (cluster.Network.Datagrams, cluster.Network.Frames));

        // Too large to be gossiped: to each by itself.
        await cluster.Run(sender.Messages.SendAsync(Target.All, Type, MessagePayload.FromBytes(new byte[2000]), BestEffort, Token).AsTask());
        await cluster.RunUntil(() => handled >= 6 && cluster.Nodes.All(node => node.Messages.RunningHandlers == 0));
        Assert.Equal((1, 3), (sender.Broadcasted, cluster.Network.Frames));

        // A message to some is not for everyone's ears.
        await cluster.Run(sender.Messages.SendAsync(Target.Node(cluster.Nodes[1].Id), Type, MessagePayload.Empty, BestEffort, Token).AsTask());
        Assert.Equal(1, sender.Broadcasted);
    }

    [Fact]
    public void A_repeated_or_targeted_or_strange_broadcast_is_not_handled()
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var broadcast = Gossip.Messaging.Envelope.EncodeBroadcast(1, Type, default, default, null).Span;
        using var handler = b.Messages.Handle(Type, (_, _) => default);
        b.Messages.OnBroadcast(a.Self, broadcast);
        b.Messages.OnBroadcast(a.Self, broadcast);
        b.Messages.OnBroadcast(new NodeInstance(new NodeId(999), 1), broadcast);
        b.Messages.OnBroadcast(b.Self, broadcast);
        b.Messages.OnBroadcast(a.Self, [0xff]);
        Assert.Equal((1, 1, 3), (b.Messages.Counters.Received, b.Messages.Counters.Duplicates, b.Messages.Counters.Dropped));
    }
}
