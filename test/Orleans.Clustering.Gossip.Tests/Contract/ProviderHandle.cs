using Gossip;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>The provider in a container of its own, as a silo or client has it, without a silo: what tools and Orleans' own table suites use.</summary>
internal sealed class ProviderHandle : ISiloBuilder, IClientBuilder, IAsyncDisposable, IDisposable
{
    private readonly ServiceProvider _provider;

    private ProviderHandle(string cluster, string service, Action<GossipClusteringOptions> configure, bool isClient, Action<IServiceCollection>? services = null)
    {
        Services.AddSingleton<IConfiguration>(Configuration).AddLogging().AddSingleton(TimeProvider.System);
        Services.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster, service));
        if (isClient)
        {
            ((IClientBuilder)this).UseGossipClustering(configure);
        }
        else
        {
            ((ISiloBuilder)this).UseGossipClustering(configure);
        }

        services?.Invoke(Services);
        _provider = Services.BuildServiceProvider();
    }

    public IServiceCollection Services { get; } = new ServiceCollection();

    public IConfiguration Configuration { get; } = new ConfigurationBuilder().Build();

    public IMembershipTable Table => _provider.GetRequiredService<IMembershipTable>();

    public IGatewayListProvider Gateways => _provider.GetRequiredService<IGatewayListProvider>();

    public GossipNode Node => _provider.GetRequiredService<GossipNode>();

    public string Address => $"{Node.View.Local.Address}";

    public static ProviderHandle Silo(string cluster, Action<GossipClusteringOptions> configure, string service = "tests", Action<IServiceCollection>? services = null) =>
        new(cluster, service, configure, isClient: false, services);

    public static ProviderHandle Client(string cluster, Action<GossipClusteringOptions> configure, string service = "tests") => new(cluster, service, configure, isClient: true);

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    public void Dispose() => _provider.Dispose();
}
