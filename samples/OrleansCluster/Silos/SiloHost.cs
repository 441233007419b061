using System.Net;
using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Clustering.Gossip;
using Orleans.Configuration;

namespace OrleansCluster.Silos;

/// <summary>The program as a silo. It ends with its standard input, and so with its parent, however that died: no silo is ever left behind.</summary>
internal static class SiloHost
{
    public static async Task<int> RunAsync(SiloSettings settings)
    {
        using var input = new CommandInput();
        using var host = Build(settings);
        using var ending = input.Ended.Register(host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);
        var commands = ActivatorUtilities.CreateInstance<SiloCommands>(host.Services);
        await host.StartAsync(input.Ended);
        await input.ServeAsync(commands.RunAsync);
        await host.StopAsync();
        return 0;
    }

    private static IHost Build(SiloSettings settings)
    {
        var builder = Host.CreateApplicationBuilder();
        SetUpLogs(builder.Logging, settings.Logs);
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, Cluster.ServiceId))
            .Configure<SiloOptions>(options => options.SiloName = settings.Name)
            .ConfigureEndpoints(IPAddress.Loopback, settings.SiloPort, settings.GatewayPort)

            // From here on it is what a silo needs to be clustered without a database.
            .UseGossipClustering((GossipClusteringOptions options) =>
            {
                options.BindAddress = settings.Address;
                options.Profile = GossipProfile.Local;
                options.Table!.DataDirectory = settings.DataDirectory;

                // Orleans finds a silo that died by its own probes, within some 10 to 15 s; this way the gossip tells it.
                options.ReportDeaths = true;
                options.MessageTypes.Register<Refresh>(Refresh.Number);
                foreach (var seed in settings.Seeds)
                {
                    options.Seeds.Add(seed);
                }

                foreach (var tag in settings.Tags)
                {
                    options.Tags.Add(tag);
                }
            }));

        // After Orleans, so that it starts when the silo runs.
        builder.Services.AddSingleton<DeathRecord>().AddHostedService(static services => services.GetRequiredService<DeathRecord>());
        return builder.Build();
    }

    /// <summary>Standard output is for answers.</summary>
    internal static void SetUpLogs(ILoggingBuilder logging, bool isWanted)
    {
        logging.ClearProviders();
        if (isWanted)
        {
            logging.AddConsole(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        }
    }
}
