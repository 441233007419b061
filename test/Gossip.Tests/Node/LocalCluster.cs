using System.Globalization;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Real nodes on free loopback ports, in a cluster of their own.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    public const string AnyPort = "127.0.0.1:0";

    private static int _count;
    private readonly List<GossipNode> _nodes = [];
    private readonly HashSet<GossipNode> _killed = [];

    /// <summary>Differs from that of every other test, in other processes too.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"test-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The nodes that were started and not killed.</summary>
    public IEnumerable<GossipNode> Nodes => _nodes.Except(_killed);

    public static string Address(GossipNode node) => node.View.Local.Address.ToString();

    /// <summary>Nodes that know each other.</summary>
    public static async Task<LocalCluster> StartAsync(int nodes)
    {
        var cluster = new LocalCluster();
        for (var i = 0; i < nodes; i++)
        {
            await cluster.AddAsync();
        }

        await cluster.FormedAsync();
        return cluster;
    }

    public GossipOptions Options(Action<GossipOptions>? configure = null)
    {
        var options = new GossipOptions { ClusterName = Name, BindAddress = AnyPort, Profile = GossipProfile.Local };
        configure?.Invoke(options);
        return options;
    }

    /// <summary>Starts a node that joins through the first one.</summary>
    public Task<GossipNode> AddAsync(Action<GossipOptions>? configure = null)
    {
        var options = Options(configure);
        if (Nodes.FirstOrDefault() is { } first)
        {
            options.Seeds.Add(Address(first));
        }

        return AddAsync(options);
    }

    public Task<GossipNode> AddAsync(GossipOptions options) => AddAsync(options, null, Token);

    public async Task<GossipNode> AddAsync(GossipOptions options, TimeProvider? time, CancellationToken token)
    {
        var node = await GossipNode.StartAsync(options, timeProvider: time, cancellationToken: token);
        lock (_nodes)
        {
            _nodes.Add(node);
        }

        return node;
    }

    /// <summary>Waits until every node sees every other as alive.</summary>
    public Task FormedAsync() => UntilAllAsync(node => Nodes.All(other => Sees(node, other).State == MemberState.Alive));

    /// <summary>What a node knows of another's present life; fails while it knows nothing.</summary>
    public static ClusterMember Sees(GossipNode node, GossipNode other) =>
        node.View.Find(other.Id) is { } member && member.Instance == other.Instance ? member : Unknown;

    public Task UntilAllAsync(Func<GossipNode, bool> condition) => Awaiting.UntilAsync(() => Nodes.All(condition));

    /// <summary>Waits until no node has anything left to pass on.</summary>
    public async Task QuietAsync()
    {
        foreach (var node in Nodes)
        {
            await Awaiting.UntilAsync(async () => await node.RuntimeOrNull!.Pump.CallAsync((engine, _) => engine.SystemRumours.Count, Token) == 0);
        }
    }

    /// <summary>Ends a node as a crash would: nobody is told.</summary>
    public async Task KillAsync(GossipNode node)
    {
        _killed.Add(node);
        await node.RuntimeOrNull!.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static ClusterMember Unknown { get; } = new()
    {
        Instance = default,
        Address = new System.Net.IPEndPoint(0, 0),
        State = MemberState.Joining,
        Incarnation = 0,
        IsLocal = false,
    };
}
