using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Some nodes on one network that all see each other, and one clock for all.</summary>
internal sealed class TestCluster
{
    public const int Type = 300;

    private const int FirstPort = 10_000;
    private long _version;

    public TestCluster(int seed = 1) => Network = new TestNetwork(seed);

    public TestClock Clock { get; } = new();

    public TestNetwork Network { get; }

    public List<TestNode> Nodes { get; } = [];

    public static TestCluster Of(int count, int seed = 1, MessagingOptions? options = null)
    {
        var cluster = new TestCluster(seed);
        for (var i = 0; i < count; i++)
        {
            cluster.Add([], options);
        }

        return cluster;
    }

    public TestNode Add(string[] tags, MessagingOptions? options = null)
    {
        var number = Nodes.Count + 1;
        return Add(new NodeInstance(new NodeId((UInt128)(uint)number), 7), number, tags, options);
    }

    /// <summary>Starts a node's next life; nobody sees it until <see cref="Publish"/>.</summary>
    public TestNode Restart(TestNode node)
    {
        Network.Leave(node);
        Nodes.Remove(node);
        var next = node.Self with { Generation = node.Self.Generation + 1 };
        var restarted = new TestNode(this, Network, next, node.LocalEndpoint, [.. node.Tags], null);
        Nodes.Add(restarted);
        restarted.See(++_version, Nodes);
        return restarted;
    }

    /// <summary>Shows every node the members as they are.</summary>
    public void Publish()
    {
        _version++;
        foreach (var node in Nodes)
        {
            node.See(_version, Nodes);
        }
    }

    /// <summary>Carries packets, and moves the clock when nothing else can happen, until a task ends.</summary>
    public async Task<T> Run<T>(Task<T> task)
    {
        await RunUntil(() => task.IsCompleted);
        return await task;
    }

    public async Task Run(Task task)
    {
        await RunUntil(() => task.IsCompleted);
        await task;
    }

    public async Task RunUntil(Func<bool> condition)
    {
        var idle = 0;
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (Network.Step())
            {
                idle = 0;
                continue;
            }

            // Handlers run on other threads: time stands still until they have ended, except those that are meant to hang.
            var busy = Nodes.Any(node => node.Messages.RunningHandlers > node.Hanging);
            if (busy || idle++ < 3)
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
                continue;
            }

            Clock.AdvanceToNext();
            idle = 2;
        }
    }

    private TestNode Add(NodeInstance instance, int number, string[] tags, MessagingOptions? options)
    {
        var node = new TestNode(this, Network, instance, NodeEndpoint.FromIpv4(0x0A000000u + (uint)number, FirstPort), tags, options);
        Nodes.Add(node);
        Publish();
        return node;
    }
}
