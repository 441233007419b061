using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Clustering.Gossip;
using Orleans.Configuration;

namespace Orleans.Bench.Silos;

/// <summary>One silo. As a process it ends with its standard input, and so with its parent, however that died.</summary>
internal static class SiloHost
{
    /// <summary>A silo that cannot stop, for whatever reason, ends nevertheless.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string settings)
    {
        using var host = Build(JsonSerializer.Deserialize<SiloSettings>(settings)!, logs: true);
        using var ended = new CancellationTokenSource();
        var desk = new TaskCompletionSource<SiloDesk>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = Task.Run(() => ServeAsync(desk.Task, ended));
        await host.StartAsync(ended.Token);
        desk.SetResult(ActivatorUtilities.CreateInstance<SiloDesk>(host.Services));
        await serving;
        await host.StopAsync();
        return 0;
    }

    /// <summary>Makes a silo.</summary>
    /// <param name="settings">Which.</param>
    /// <param name="logs">Whether warnings go to standard error.</param>
    public static IHost Build(SiloSettings settings, bool logs)
    {
        var builder = Prepare(settings, logs, silo => silo
            .Configure<ClusterMembershipOptions>(options => options.NumMissedProbesLimit = settings.MissedProbes ?? options.NumMissedProbesLimit)
            .UseGossipClustering((GossipClusteringOptions options) =>
            {
                options.BindAddress = settings.Address;
                options.Table!.DataDirectory = settings.DataDirectory;
                options.ReportDeaths = settings.ReportDeaths;
                foreach (var seed in settings.Seeds)
                {
                    options.Seeds.Add(seed);
                }
            }));

        // After Orleans, so that it starts when the silo runs.
        builder.Services.AddSingleton<DeathWatch>().AddHostedService(static services => services.GetRequiredService<DeathWatch>());
        return builder.Build();
    }

    /// <summary>Makes a silo of the development cluster that Orleans brings, whose table is in the memory of the first silo: the fastest table that there is, and none that survives it.</summary>
    public static IHost BuildForDevelopment(SiloSettings settings, int primaryPort) =>
        Prepare(settings, logs: false, silo => silo.UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, primaryPort))).Build();

    private static HostApplicationBuilder Prepare(SiloSettings settings, bool logs, Action<ISiloBuilder> cluster)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (logs)
        {
            builder.Logging.AddConsole(static options => options.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        }

        builder.UseOrleans(silo => cluster(silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, "bench"))
            .Configure<SiloOptions>(options => options.SiloName = settings.Name)
            .ConfigureEndpoints(IPAddress.Loopback, settings.SiloPort, settings.GatewayPort)));
        return builder;
    }

    /// <summary>Reads from the first moment, so that a silo which has yet to start hears that its parent is gone, too.</summary>
    private static async Task ServeAsync(Task<SiloDesk> desk, CancellationTokenSource ended)
    {
        const int Stuck = 1;
        using var input = new StreamReader(Console.OpenStandardInput());
        while (await input.ReadLineAsync() is { } line)
        {
            _ = AnswerAsync(desk, JsonSerializer.Deserialize<Command>(line)!);
        }

        _ = Task.Delay(StopPatience).ContinueWith(static _ => Environment.Exit(Stuck), TaskScheduler.Default);
        await ended.CancelAsync();
    }

    private static async Task AnswerAsync(Task<SiloDesk> desk, Command command)
    {
        var answer = await (await desk).AnswerAsync(command);
        Console.Out.WriteLine(JsonSerializer.Serialize(answer));
    }
}
