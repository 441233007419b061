using Gossip.Agreement;
using Gossip.Node;
using Gossip.Tables;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>
/// Real nodes on loopback that keep one table. The first one founds it, the others are given seats; users sit on further nodes without seats when those with seats are to be killed.
/// </summary>
internal sealed class NodeTableCluster : ITableCluster
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _name;
    private readonly TableOptions _options;
    private readonly GossipNode?[] _voters;
    private readonly string[] _ids;
    private readonly List<GossipNode> _observers = [];
    private readonly string? _directory;
    private readonly CancellationTokenSource _stop = new();
    private Task _killing = Task.CompletedTask;

    private NodeTableCluster(string name, TableOptions options, int voters, bool isDurable)
    {
        (_name, _options, _voters) = (name, options, new GossipNode?[voters]);
        _ids = [.. Enumerable.Range(0, voters).Select(_ => Guid.NewGuid().ToString("N"))];
        _directory = isDurable ? Directory.CreateTempSubdirectory("gossip-table-").FullName : null;
    }

    /// <summary>How often somebody in charge was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>A node that is no member, where somebody in charge is killed.</summary>
    public GossipNode? Client { get; private set; }

    public int Handles => _observers.Count > 0 ? _observers.Count : Math.Max(_voters.Length, 2);

    public static async Task<NodeTableCluster> StartAsync(string name, TableOptions options, int voters, bool kills = false)
    {
        var cluster = new NodeTableCluster(name, options, voters, kills);
        try
        {
            for (var i = 0; i < voters; i++)
            {
                await cluster.StartVoterAsync(i);
            }

            await cluster.AwaitSeatsAsync();
            if (kills)
            {
                cluster._observers.Add(await cluster.StartNodeAsync(cluster.Table(votes: false, TableFounding.Never, null), Guid.NewGuid().ToString("N")));
                cluster._observers.Add(await cluster.StartNodeAsync(cluster.Table(votes: false, TableFounding.Never, null), Guid.NewGuid().ToString("N")));
                cluster.Client = await cluster.StartNodeAsync(new TableOptions { OperationTimeout = options.OperationTimeout }, Guid.NewGuid().ToString("N"), isClient: true);
                await cluster._observers[0].Table.ReadAllAsync(TestContext.Current.CancellationToken);
                cluster._killing = Task.Run(cluster.KillAsync);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task<ITableClient> HandleAsync(int index) => Task.FromResult(
        _observers.Count > 0 ? _observers[index % Handles].Table
        : index % Handles < _voters.Length ? _voters[index % Handles]!.Table
        : SecondClient(_voters[0]!));

    /// <summary>While nodes are killed no majority may be there for longer than a call waits.</summary>
    public bool Tolerates(TableUnavailableException error) => _directory is not null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _killing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_observers.Append(Client).Concat(_voters).OfType<GossipNode>().Select(node => node.StopAsync(new CancellationToken(canceled: true))));
        _stop.Dispose();
        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }

        if (_killing.IsFaulted)
        {
            await _killing;
        }
    }

    /// <summary>On a node that is alone a second handle is a client of its own, too.</summary>
    private TableClient SecondClient(GossipNode node)
    {
        var runtime = node.Runtime;
        return new TableClient(runtime.Table!.Agreement, new SystemFacts(runtime.Pump, runtime.Views), _options, TimeProvider.System, runtime.Stopped);
    }

    private async Task StartVoterAsync(int index)
    {
        var directory = _directory is null ? null : Path.Combine(_directory, _ids[index]);
        _voters[index] = await StartNodeAsync(Table(votes: true, index == 0 ? TableFounding.Single : TableFounding.Never, directory), _ids[index]);
    }

    private TableOptions Table(bool votes, TableFounding founding, string? directory) => new()
    {
        Votes = votes,
        Founding = founding,
        DataDirectory = directory,
        OperationTimeout = _options.OperationTimeout,
        VersionFloor = _options.VersionFloor,
    };

    private async Task<GossipNode> StartNodeAsync(TableOptions table, string id, bool isClient = false)
    {
        var options = new GossipOptions { ClusterName = _name, NodeId = id, BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local, Table = table, Client = isClient };
        foreach (var other in _voters.OfType<GossipNode>().Concat(_observers))
        {
            options.Seeds.Add($"{other.View.Local.Address}");
        }

        return await GossipNode.StartAsync(options, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>One seat for one or two nodes, three for three.</summary>
    private async Task AwaitSeatsAsync()
    {
        var seats = SeatPolicy.SizeFor(_voters.Length);
        using var patience = new CancellationTokenSource(Patience);
        foreach (var node in _voters)
        {
            while (await AskAsync(node!, engine => engine.Configuration?.Acceptors.Length ?? 0, patience.Token) != seats)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
            }
        }
    }

    /// <summary>Kills whoever is in charge, without a word to anybody, and starts it again; and so on.</summary>
    private async Task KillAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            for (var i = 0; i < _voters.Length; i++)
            {
                if (await AskAsync(_voters[i]!, static engine => engine.IsLeading, CancellationToken.None))
                {
                    Kills++;
                    await _voters[i]!.Runtime.DisposeAsync();
                    await StartVoterAsync(i);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        }
    }

    private static Task<T> AskAsync<T>(GossipNode node, Func<AgreementEngine, T> ask, CancellationToken cancellationToken) =>
        node.Runtime.Table!.Agreement.AskAsync((engine, _) => ask(engine), cancellationToken);
}
