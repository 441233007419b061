using System.Collections.Concurrent;
using System.Globalization;
using Gossip;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.TestingHost;
using Samples;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Silos in this process, with their client, that find each other by gossip on ports of their own. The first three are the seeds, and any number of silos may start at once.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private const int Seeds = 3;
    private const string Property = "gossip-test";
    private static readonly ConcurrentDictionary<string, SiloCluster> Clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<int, int> _ports = [];
    private readonly Action<ISiloBuilder>? _configureSilo;
    private readonly Action<GossipClusteringOptions>? _configure;
    private readonly Action<IClientBuilder>? _configureClient;
    private readonly int[] _seeds = FreePorts.Find(Seeds);

    private SiloCluster(short silos, Action<ISiloBuilder>? configureSilo, Action<GossipClusteringOptions>? configure, Action<IClientBuilder>? configureClient)
    {
        (_configureSilo, _configure, _configureClient) = (configureSilo, configure, configureClient);
        var builder = new TestClusterBuilder(silos);
        builder.Options.UseTestClusterMembership = false;
        builder.Options.ConfigureFileLogging = false;
        var id = $"{Guid.NewGuid()}";
        builder.Properties[Property] = id;
        Clusters[id] = this;
        builder.AddSiloBuilderConfigurator<Configurator>();
        builder.AddClientBuilderConfigurator<Configurator>();
        Test = builder.Build();
    }

    public TestCluster Test { get; }

    public IClusterClient Client => (IClusterClient)Test.Client;

    public static async Task<SiloCluster> StartAsync(
        short silos, Action<ISiloBuilder>? configureSilo = null, Action<GossipClusteringOptions>? configure = null, Action<IClientBuilder>? configureClient = null)
    {
        var cluster = new SiloCluster(silos, configureSilo, configure, configureClient);
        try
        {
            await cluster.Test.DeployAsync(TestContext.Current.CancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public T Service<T>(SiloHandle silo)
        where T : notnull => Test.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<T>();

    /// <summary>What a silo believes of all silos.</summary>
    public IReadOnlyDictionary<SiloAddress, SiloStatus> View(SiloHandle silo) =>
        Service<IClusterMembershipService>(silo).CurrentSnapshot.Members.ToDictionary(static member => member.Key, static member => member.Value.Status);

    /// <summary>Waits until all running silos believe the same: these are active, and nobody else is. The test's own time-out is the bound.</summary>
    public async Task AwaitActiveAsync(int count)
    {
        while (!Test.Silos.All(silo => View(silo).Values.Count(static status => status == SiloStatus.Active) == count))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }
    }

    public async Task CallAsync(int first, int count)
    {
        for (var key = first; key < first + count; key++)
        {
            Assert.Equal(key, await Client.GetGrain<IEchoGrain>(key).EchoAsync(key));
        }
    }

    public ValueTask DisposeAsync() => Test.DisposeAsync();

    /// <summary>A silo that starts again at its address has its old port.</summary>
    private int PortOf(int siloPort)
    {
        lock (_ports)
        {
            if (!_ports.TryGetValue(siloPort, out var port))
            {
                _ports[siloPort] = port = _ports.Count < Seeds ? _seeds[_ports.Count] : FreePorts.Find(1)[0];
            }

            return port;
        }
    }

    private void Configure(GossipClusteringOptions options)
    {
        options.Profile = GossipProfile.Local;
        foreach (var seed in _seeds)
        {
            options.Seeds.Add($"127.0.0.1:{seed}");
        }
    }

    private sealed class Configurator : ISiloConfigurator, IClientBuilderConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            var cluster = Clusters[siloBuilder.Configuration[Property]!];
            siloBuilder.UseGossipClustering(options => options.Configure<IOptions<EndpointOptions>>((target, endpoints) =>
            {
                cluster.Configure(target);
                target.BindAddress = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{cluster.PortOf(endpoints.Value.SiloPort)}");
                cluster._configure?.Invoke(target);
            }));
            cluster._configureSilo?.Invoke(siloBuilder);
        }

        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder)
        {
            var cluster = Clusters[configuration[Property]!];
            clientBuilder.UseGossipClustering((GossipClusteringOptions options) =>
            {
                cluster.Configure(options);
                options.BindAddress = "127.0.0.1:0";
            });
            clientBuilder.Configure<GatewayOptions>(static options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            cluster._configureClient?.Invoke(clientBuilder);
        }
    }
}

public interface IEchoGrain : IGrainWithIntegerKey
{
    Task<long> EchoAsync(long value);

    Task<string> WhereAsync();
}

public sealed class EchoGrain(ILocalSiloDetails silo) : Grain, IEchoGrain
{
    public Task<long> EchoAsync(long value) => Task.FromResult(value);

    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());
}
