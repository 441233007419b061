using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Bench.Silos;

namespace Orleans.Bench;

/// <summary>How long silos take that start at once, until each of them believes that all are active. They share this process, so that a machine with few cores bears many.</summary>
internal static class Starts
{
    private const int Runs = 3;
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    public static async Task<int> MeasureAsync(int silos, CancellationToken cancellationToken)
    {
        // The compiler is not what is measured: the same code runs once before.
        await StartAsync(1, Gossip, cancellationToken);
        await StartAsync(1, Development, cancellationToken);
        for (var run = 1; run <= Runs; run++)
        {
            var ours = await StartAsync(silos, Gossip, cancellationToken);
            var theirs = await StartAsync(silos, Development, cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{silos} silos start at once in one process on {Environment.ProcessorCount} cores, until each believes that all are active: {ours.TotalSeconds:0.00} s with gossip, {theirs.TotalSeconds:0.00} s with Orleans' development cluster, ratio {ours / theirs:0.00}"));
        }

        return 0;
    }

    private static IHost[] Gossip(SiloSettings[] settings) => [.. settings.Select(static silo => SiloHost.Build(silo, logs: false))];

    private static IHost[] Development(SiloSettings[] settings) => [.. settings.Select(silo => SiloHost.BuildForDevelopment(silo, settings[0].SiloPort))];

    private static async Task<TimeSpan> StartAsync(int silos, Func<SiloSettings[], IHost[]> build, CancellationToken cancellationToken)
    {
        var hosts = build(SiloGroup.Settings(silos));
        try
        {
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(hosts.Select(host => Task.Run(() => host.StartAsync(cancellationToken), cancellationToken)));
            foreach (var membership in hosts.Select(static host => host.Services.GetRequiredService<IClusterMembershipService>()))
            {
                while (membership.CurrentSnapshot.Members.Values.Count(static member => member.Status == SiloStatus.Active) < silos)
                {
                    await Task.Delay(LookAgain, cancellationToken);
                }
            }

            return Stopwatch.GetElapsedTime(start);
        }
        finally
        {
            await Task.WhenAll(hosts.Select(static host => host.StopAsync(CancellationToken.None)));
            Array.ForEach(hosts, static host => host.Dispose());
        }
    }
}
