using System.Diagnostics;
using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Clustering.Gossip;
using Orleans.Configuration;
using OrleansCluster.Tour;

namespace OrleansCluster.Silos;

/// <summary>A client of the cluster: it is told the same seeds as the silos, and finds their gateways through the gossip.</summary>
internal sealed class GrainClient : IAsyncDisposable
{
    private readonly IHost _host;
    private int _again;

    private GrainClient(IHost host) => _host = host;

    /// <summary>How many calls had to be made again.</summary>
    public int Again => _again;

    public static async Task<GrainClient> StartAsync(string clusterId, string[] seeds, bool logs, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        SiloHost.SetUpLogs(builder.Logging, logs);
        builder.UseOrleansClient(client => client
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, Cluster.ServiceId))
            .Configure<ClientMessagingOptions>(static options => options.ResponseTimeout = Pace.CallTimeout)
            .Configure<GatewayOptions>(static options => options.GatewayListRefreshPeriod = Pace.GatewayRefresh)
            .UseGossipClustering((GossipClusteringOptions options) =>
            {
                options.BindAddress = "127.0.0.1:0";
                options.Profile = GossipProfile.Local;
                foreach (var seed in seeds)
                {
                    options.Seeds.Add(seed);
                }
            }));
        var client = new GrainClient(builder.Build());
        try
        {
            await client._host.StartAsync(cancellationToken);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls a grain; and again, as any caller would, when the call was lost with its silo.</summary>
    /// <exception cref="ClaimException">It did not work in time.</exception>
    public async Task<T> CallAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken)
    {
        var grains = _host.Services.GetRequiredService<IGrainFactory>();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await call(grains).WaitAsync(cancellationToken);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                ClaimException.Unless(clock.Elapsed < Pace.Patience, $"a grain could not be called within {Pace.Patience.TotalSeconds:0} s: {e.Message}");
            }

            Interlocked.Increment(ref _again);
            await Task.Delay(Pace.LookAgain, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Pace.EndPatience);
        await _host.StopAsync(patience.Token);
        _host.Dispose();
    }
}
