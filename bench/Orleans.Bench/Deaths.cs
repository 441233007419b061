using System.Globalization;
using Orleans.Bench.Silos;

namespace Orleans.Bench;

/// <summary>How long it takes from a kill until every other silo's own view says that the silo is dead, by the gossip and by Orleans' own probes in turns.</summary>
internal static class Deaths
{
    private const int Silos = 4;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    public static async Task<int> MeasureAsync(int kills, CancellationToken cancellationToken)
    {
        var (gossip, probes) = (new List<double>(), new List<double>());
        await using var told = await Group.StartAsync(reportDeaths: true, cancellationToken);
        await using var untold = await Group.StartAsync(reportDeaths: false, cancellationToken);
        for (var i = 0; i < kills; i++)
        {
            gossip.Add(await told.KillAsync(i % Silos, cancellationToken));
            probes.Add(await untold.KillAsync(i % Silos, cancellationToken));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill {i + 1}: {gossip[^1]:0.00} s by the gossip, {probes[^1]:0.0} s by Orleans' own probes"));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Silos} silos, one killed, until the last other one says Dead, median (worst) of {kills}: {Median(gossip):0.00} ({gossip.Max():0.00}) s with ReportDeaths, {Median(probes):0.0} ({probes.Max():0.0}) s without"));
        return 0;
    }

    private static double Median(List<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Silos that stay, but for the one that is killed and starts again.</summary>
    private sealed class Group(SiloProcess[] silos) : IAsyncDisposable
    {
        public static async Task<Group> StartAsync(bool reportDeaths, CancellationToken cancellationToken)
        {
            var group = new Group([.. SiloGroup.Settings(Silos).Select(settings => SiloProcess.Start(settings with { ReportDeaths = reportDeaths }))]);
            await group.SettleAsync(cancellationToken);
            return group;
        }

        public async Task<double> KillAsync(int index, CancellationToken cancellationToken)
        {
            var victim = silos[index];
            var address = (await victim.ReportAsync(cancellationToken)).Silo;
            await Task.Delay(Rest + (TimeSpan.FromSeconds(1) * Random.Shared.NextDouble()), cancellationToken); // at any point of a probe's period
            var start = DateTimeOffset.UtcNow;
            await victim.KillAsync();
            var times = await Task.WhenAll(silos.Where(silo => silo != victim).Select(silo => silo.WhenDeadAsync(address, cancellationToken)));
            await victim.DisposeAsync();
            silos[index] = SiloProcess.Start(victim.Settings);
            await SettleAsync(cancellationToken);
            return (times.Max() - start).TotalSeconds;
        }

        public async ValueTask DisposeAsync() => await Task.WhenAll(silos.Select(static silo => silo.DisposeAsync().AsTask()));

        private Task<SiloReport[]> SettleAsync(CancellationToken cancellationToken) =>
            Task.WhenAll(silos.Select(silo => silo.WhenAsync(static report => report is { Active: Silos, Acceptors: 3, Diagnosis: "" }, cancellationToken)));
    }
}
