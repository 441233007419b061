using Gossip;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Some providers on nodes of their own that keep one table: the first founds it, the others take part.</summary>
internal sealed class ProviderCluster : IAsyncDisposable
{
    private readonly List<ProviderHandle> _handles = [];
    private ProposerKiller? _killer;

    private ProviderCluster(string name) => Name = name;

    public string Name { get; }

    /// <summary>A handle; numbers beyond the last begin again.</summary>
    public IMembershipTable this[int index] => _handles[index % _handles.Count].Table;

    public ProviderHandle Handle(int index) => _handles[index];

    public static async Task<ProviderCluster> StartAsync(int nodes, string? name = null)
    {
        var cluster = new ProviderCluster(name ?? $"test-{Guid.NewGuid()}");
        try
        {
            for (var i = 0; i < nodes; i++)
            {
                await cluster.AddAsync(options => options.Table!.Founding = options.Seeds.Count == 0 ? TableFounding.Single : TableFounding.Never);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a cluster whose handles are on nodes without a seat, while whoever is in charge is killed again and again.</summary>
    public static async Task<ProviderCluster> StartKillingAsync(int nodes)
    {
        var cluster = new ProviderCluster($"test-{Guid.NewGuid()}");
        try
        {
            var killer = cluster._killer = await ProposerKiller.StartAsync(cluster.Name);
            for (var i = 0; i < nodes; i++)
            {
                await cluster.AddAsync(options =>
                {
                    options.Seeds.Add(killer.Seed);
                    options.Table!.Votes = false;
                    options.Table.Founding = TableFounding.Never;
                    options.Table.OperationTimeout = ProposerKiller.Patience;
                });
            }

            killer.Begin([.. cluster.Seeds()]);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>How often somebody in charge was killed.</summary>
    public int Kills => _killer?.Kills ?? 0;

    public async Task<ProviderHandle> AddAsync(Action<GossipClusteringOptions> configure)
    {
        var seeds = Seeds();
        var handle = ProviderHandle.Silo(Name, options =>
        {
            Configure(options, seeds);
            configure(options);
        });
        _handles.Add(handle);
        await handle.Table.InitializeMembershipTableAsync(true, CancellationToken.None);
        return handle;
    }

    /// <summary>A client that watches the cluster.</summary>
    public ProviderHandle NewClient(Action<GossipClusteringOptions>? configure = null)
    {
        var seeds = Seeds();
        return ProviderHandle.Client(Name, options =>
        {
            Configure(options, seeds);
            configure?.Invoke(options);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await (_killer?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var handle in Enumerable.Reverse(_handles))
        {
            await handle.DisposeAsync();
        }
    }

    private List<string> Seeds() => [.. _handles.Where(static handle => handle.Node.State == GossipNodeState.Running).Select(static handle => handle.Address)];

    internal static void Configure(GossipClusteringOptions options, IEnumerable<string> seeds)
    {
        options.BindAddress = "127.0.0.1:0";
        options.Profile = GossipProfile.Local;
        options.StopTimeout = TimeSpan.FromSeconds(2);
        foreach (var seed in seeds)
        {
            options.Seeds.Add(seed);
        }
    }
}
