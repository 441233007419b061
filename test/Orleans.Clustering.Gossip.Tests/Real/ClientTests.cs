using System.Collections.Concurrent;
using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Samples;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Clients in hosts of their own.</summary>
public sealed class ClientTests
{
    [Fact]
    public async Task A_client_that_starts_before_all_silos_and_knows_one_good_seed_finds_them()
    {
        var ports = FreePorts.Find(3);
        var (silo, gateway, gossip) = (ports[0], ports[1], ports[2]);
        using var client = Client(gossip);
        var starting = client.StartAsync(TestContext.Current.CancellationToken);
        using var host = Silo(silo, gateway, gossip);
        await host.StartAsync(TestContext.Current.CancellationToken);
        await starting;

        Assert.Equal(7, await client.Services.GetRequiredService<IClusterClient>().GetGrain<IEchoGrain>(1).EchoAsync(7));

        // The client is no member: it listens nowhere, and the silo knows nobody but itself.
        Assert.Equal(0, client.Services.GetRequiredService<GossipNode>().View.Local.Address.Port);
        Assert.Single(host.Services.GetRequiredService<GossipNode>().View.Members);

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

    /// <summary>Orleans connects to a gateway when a call goes that way, and tells the number of connections from several threads in no order: so the highest that was told counts.</summary>
    [Fact]
    public async Task A_client_is_connected_to_all_gateways_and_goes_on_when_one_is_lost()
    {
        const int Silos = 3;
        const int Grains = 200;
        const int Rounds = 300; // for more than a minute, after which a client asks again which gateways there are
        var told = new ConcurrentQueue<int>();
        await using var cluster = await SiloCluster.StartAsync(Silos, configureClient: client =>
            client.AddGatewayCountChangedHandler((_, change) => told.Enqueue(change.NumberOfConnectedGateways)));
        await cluster.AwaitActiveAsync(Silos);
        for (var round = 0; round < Rounds && !told.Contains(Silos); round++)
        {
            await cluster.CallAsync(0, Grains);
            await Task.Delay(TimeSpan.FromMilliseconds(250), TestContext.Current.CancellationToken);
        }

        Assert.Contains(Silos, told);

        await cluster.Test.KillSiloAsync(cluster.Test.Silos[0], TestContext.Current.CancellationToken);
        await cluster.AwaitActiveAsync(Silos - 1);
        await cluster.CallAsync(0, Grains);
    }

    [Fact]
    public async Task A_host_that_is_client_and_gossip_node_has_one_node()
    {
        var ports = FreePorts.Find(3);
        var (silo, gateway, gossip) = (ports[0], ports[1], ports[2]);
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
