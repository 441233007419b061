using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Clients in hosts of their own.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task A_client_that_starts_before_all_silos_and_knows_one_good_seed_finds_them()
    {
        var (silo, gateway, gossip) = (Ports.Free(), Ports.Free(), Ports.Free());
        using var client = Client(gossip);
        var starting = client.StartAsync(TestContext.Current.CancellationToken);
        using var host = Silo(silo, gateway, gossip);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await starting;

        Assert.Equal(7, await client.Services.GetRequiredService<IClusterClient>().GetGrain<IEchoGrain>(1).EchoAsync(7));

        await client.StopAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Grains_are_called_through_all_gateways()
    {
        await using var cluster = await SiloCluster.StartAsync(3);
        var places = new HashSet<string>(StringComparer.Ordinal);
        for (var key = 0; key < 60; key++)
        {
            places.Add(await cluster.Client.GetGrain<IEchoGrain>(key).WhereAsync());
        }

        Assert.Equal(3, places.Count);
    }

    [Fact]
    public async Task A_host_that_is_client_and_gossip_node_has_one_node()
    {
        var (silo, gateway, gossip) = (Ports.Free(), Ports.Free(), Ports.Free());
        using var host = Silo(silo, gateway, gossip);
        await host.StartAsync(TestContext.Current.CancellationToken);
        var node = host.Services.GetRequiredService<GossipNode>();
        Assert.Equal(GossipNodeState.Running, node.State);
        var silos = host.Services.GetRequiredService<GossipSilos>();
        var address = host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        Assert.Equal(node.Instance, silos.NodeOf(address));
        Assert.Equal(address, silos.SiloOf(node.Id));
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(GossipNodeState.Stopped, node.State);
    }

    private static IHost Client(int gossip)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(static options => (options.ClusterId, options.ServiceId) = ("clients", "tests"))
            .UseGossipClustering((GossipClusteringOptions options) =>
            {
                options.BindAddress = "127.0.0.1:0";
                options.Profile = GossipProfile.Local;
                options.Table!.OperationTimeout = TimeSpan.FromSeconds(1);
                options.Seeds.Add("127.0.0.1:1");
                options.Seeds.Add($"127.0.0.1:{gossip}");
                options.Seeds.Add("127.0.0.1:2");
            }));
        return builder.Build();
    }

    private static IHost Silo(int silo, int gateway, int gossip)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseGossipClustering(static options => options.Profile = GossipProfile.Local);
        builder.UseOrleans(orleans => orleans
            .Configure<ClusterOptions>(static options => (options.ClusterId, options.ServiceId) = ("clients", "tests"))
            .ConfigureEndpoints(System.Net.IPAddress.Loopback, silo, gateway)
            .UseGossipClustering((GossipClusteringOptions options) =>
            {
                options.BindAddress = $"127.0.0.1:{gossip}";
                options.Table!.Founding = TableFounding.Single;
            }));
        return builder.Build();
    }
}
