using System.Globalization;
using System.Security.Cryptography;
using Gossip.Containers.Tests.Engine;
using Gossip.Containers.Tests.Images;
using Node;
using Xunit;

namespace Gossip.Containers.Tests.Clusters;

/// <summary>Nodes in containers on a network of their own. They find each other by one name of it, behind which all of them stand.</summary>
internal sealed class ContainerCluster : IAsyncDisposable
{
    /// <summary>The tag of every other node, from the first on.</summary>
    public const string EvenTag = "even";

    /// <summary>The tag of the rest.</summary>
    public const string OddTag = "odd";

    private const string Alias = "node";
    private const int Port = 7946;

    /// <summary>Whatever is waited for comes within this, or not at all: many times what it takes on a machine that does nothing else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);
    private static int _count;

    private readonly NodeImage _image;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gossip-");
    private readonly List<NodeContainer> _nodes = [];
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly int _founders;

    private ContainerCluster(NodeImage image, int founders)
    {
        (_image, _founders) = (image, founders);
        Network = string.Create(CultureInfo.InvariantCulture, $"{image.Prefix}-{Interlocked.Increment(ref _count)}");
    }

    public string Network { get; }

    public IReadOnlyList<NodeContainer> Nodes => _nodes;

    public IEnumerable<NodeContainer> Running => _nodes.Where(static node => node.IsRunning);

    private IContainerEngine Engine => _image.Engine;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the network. Whoever calls this disposes of what he gets, whatever comes next.</summary>
    public static async Task<ContainerCluster> CreateAsync(NodeImage image, int nodes)
    {
        var cluster = new ContainerCluster(image, nodes);
        await image.Engine.CreateNetworkAsync(cluster.Network, Token);
        return cluster;
    }

    /// <summary>Starts all at once, and waits until all see all and share a table.</summary>
    public async Task StartAsync(Func<ContainerSettings, ContainerSettings>? configure = null)
    {
        await Task.WhenAll(Enumerable.Range(0, _founders).Select(_ => AddAsync(configure)));
        await AwaitAllSeeAllAsync();
    }

    /// <summary>Starts one more node.</summary>
    public async Task<NodeContainer> AddAsync(Func<ContainerSettings, ContainerSettings>? configure = null)
    {
        var index = _nodes.Count;
        var name = string.Create(CultureInfo.InvariantCulture, $"node-{index}");
        var folder = Path.Combine(_folder.FullName, name);
        var environment = new Dictionary<string, string>(NodeContainer.Environment, StringComparer.Ordinal)
        {
            ["Gossip__ClusterName"] = Network,
            ["Gossip__BindAddress"] = string.Create(CultureInfo.InvariantCulture, $"0.0.0.0:{Port}"),
            ["Gossip__EncryptionKeys__0"] = _key,
            ["Gossip__Seeds__0"] = string.Create(CultureInfo.InvariantCulture, $"{Alias}:{Port}"),
            ["Gossip__Metadata__name"] = name,
            ["Gossip__Tags__0"] = int.IsEvenInteger(index) ? EvenTag : OddTag,
            ["Gossip__Table__Founding"] = index < _founders ? "Expect" : "Never",
            ["DOTNET_gcServer"] = "0", // many share few cores
            ["DOTNET_TieredPGO"] = "0",
        };
        if (index < _founders)
        {
            environment["Gossip__Table__Expect"] = string.Create(CultureInfo.InvariantCulture, $"{(_founders / 2) + 1}");
            environment["Gossip__Table__ExpectOf"] = string.Create(CultureInfo.InvariantCulture, $"{_founders}");
        }

        var settings = new ContainerSettings($"{Network}-{name}", _image.Tag, Network, [Alias, name], environment, NodeContainer.Mounts(folder));
        var node = new NodeContainer(Engine, configure?.Invoke(settings) ?? settings, folder) { Name = name };
        _nodes.Add(node);
        await node.RunAsync(Token);
        return node;
    }

    /// <summary>Waits until each running node sees all running ones, and none else, and knows of no trouble with the table.</summary>
    public Task AwaitAllSeeAllAsync() => AwaitAllSeeAsync([.. Running]);

    /// <summary>Waits until each of some nodes sees exactly these, all others being dead or gone, and knows of no trouble with the table.</summary>
    public static Task AwaitAllSeeAsync(IReadOnlyList<NodeContainer> nodes)
    {
        var names = nodes.Select(static node => node.Name).Order(StringComparer.Ordinal).ToArray();
        return AwaitAsync(nodes, report => Alive(report).SequenceEqual(names)
            && Array.TrueForAll(report.Members, static member => member.State is "Alive" or "Dead" or "Left")
            && report.Table is { Acceptors: > 0, Diagnosis: "" });
    }

    /// <summary>Who is alive, as a node sees it, by name.</summary>
    public static IEnumerable<string> Alive(NodeReport report) => report.Members.Where(static member => member.State == "Alive").Select(static member => member.Name).Order(StringComparer.Ordinal);

    /// <summary>Waits until the report of each of some nodes is as wanted.</summary>
    public static Task AwaitAsync(IReadOnlyList<NodeContainer> nodes, Predicate<NodeReport> condition) =>
        AwaitAsync(nodes, static (node, token) => node.TryReportAsync(token), condition);

    /// <summary>Waits until what each of some nodes answers is as wanted, and says what they reported last when that does not come.</summary>
    public static async Task AwaitAsync<T>(IReadOnlyList<NodeContainer> nodes, Func<NodeContainer, CancellationToken, Task<T?>> ask, Predicate<T> condition)
        where T : class
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!patience.IsCancellationRequested)
        {
            var answers = await Task.WhenAll(nodes.Select(node => ask(node, Token)));
            if (Array.TrueForAll(answers, answer => answer is not null && condition(answer)))
            {
                return;
            }

            await Task.Delay(LookAgain, Token);
        }

        var reports = await Task.WhenAll(nodes.Select(static node => node.TryReportAsync(Token)));
        var states = nodes.Zip(reports, static (node, report) => report is null
            ? $"{node.Name} does not answer"
            : $"{node.Name} at {report.Address} sees {string.Join(' ', report.Members.Select(static member => $"{member.Name}@{member.Address}={member.State}"))}; {report.Table}");
        Assert.Fail($"What was waited for did not come within {Patience}.\n{string.Join('\n', states)}");
    }

    public Task DisconnectAsync(NodeContainer node) => Engine.DisconnectAsync(Network, node.Settings.Name, Token);

    public Task ConnectAsync(NodeContainer node) => Engine.ConnectAsync(Network, node.Settings, Token);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.RemoveAsync(CancellationToken.None);
            node.Dispose();
        }

        await Engine.RemoveNetworkAsync(Network, CancellationToken.None);
        _folder.Delete(recursive: true);
    }

    /// <summary>Beside the results of the tests: the logs of all nodes, and what they did with the table.</summary>
    public async Task KeepLogsAsync()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var kept = Directory.CreateDirectory(Path.Combine(here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, "artifacts", "test-results", "containers", Network)).FullName;
        foreach (var node in _nodes)
        {
            await File.WriteAllTextAsync(Path.Combine(kept, $"{node.Name}.log"), await node.ReadLogAsync(CancellationToken.None), CancellationToken.None);
            await File.WriteAllLinesAsync(Path.Combine(kept, $"{node.Name}.history"), node.ReadHistories().SelectMany(static lines => lines), CancellationToken.None);
        }

        TestContext.Current.SendDiagnosticMessage($"What the containers of {TestContext.Current.Test?.TestDisplayName} said is kept in {kept}");
    }
}
