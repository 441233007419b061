using System.Diagnostics;
using Gossip.Bench.Clusters;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>How fast a value is swapped by one client, and by several that all want to.</summary>
internal static class SwapSpeed
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    public static async Task MeasureAloneAsync(ITableSide side, ResultSet results, CancellationToken cancellationToken)
    {
        var (swaps, cycles) = await RunAloneAsync(side.Swapper(0), cancellationToken);
        results.Add(TableMetrics.Swaps, 1, side.Side, 1000 / swaps.Mean);
        results.Add(TableMetrics.SwapMedian, 1, side.Side, swaps.Median);
        results.Add(TableMetrics.SwapTail, 1, side.Side, swaps.P99);
        results.Add(TableMetrics.Cycles, 1, side.Side, 1000 / cycles.Mean);
    }

    /// <summary>One client, one swap after the other.</summary>
    /// <returns>The times of the swaps alone, and with what each needs to know what to expect.</returns>
    public static async Task<(Latencies Swaps, Latencies Cycles)> RunAloneAsync(ISwapper swapper, CancellationToken cancellationToken)
    {
        var (swaps, cycles) = (new Latencies(), new Latencies());
        for (var total = Stopwatch.StartNew(); total.Elapsed < WarmUp + Duration;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            await swapper.PrepareAsync();
            var swap = Stopwatch.GetTimestamp();
            var done = await swapper.TrySwapAsync();
            if (done && total.Elapsed > WarmUp)
            {
                swaps.AddSince(swap);
                cycles.AddSince(start);
            }
        }

        return swaps.Count > 0 ? (swaps, cycles) : throw new MeasurementException("no swap was done");
    }

    public static async Task MeasureContendedAsync(ITableSide side, int contenders, ResultSet results, CancellationToken cancellationToken)
    {
        var total = Stopwatch.StartNew();
        var all = new Latencies();
        foreach (var own in await Task.WhenAll(Enumerable.Range(0, contenders).Select(number => Task.Run(() => ContendAsync(side.Swapper(number), total, cancellationToken), cancellationToken))))
        {
            all.AddRange(own);
        }

        results.Add(TableMetrics.Wins, contenders, side.Side, all.Count / Duration.TotalSeconds);
        results.Add(TableMetrics.WinMedian, contenders, side.Side, all.Median);
        results.Add(TableMetrics.WinTail, contenders, side.Side, all.P99);
        results.Add(TableMetrics.WinWorst, contenders, side.Side, all.Worst);
    }

    /// <summary>Swaps again and again. A swap that had not won at the end counts with the time that it had waited: whoever starves must not be left out.</summary>
    private static async Task<Latencies> ContendAsync(ISwapper swapper, Stopwatch total, CancellationToken cancellationToken)
    {
        var latencies = new Latencies();
        while (total.Elapsed < WarmUp + Duration)
        {
            var start = Stopwatch.GetTimestamp();
            var done = false;
            while (!done && total.Elapsed < WarmUp + Duration)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await swapper.PrepareAsync();
                done = await swapper.TrySwapAsync();
            }

            if (total.Elapsed > WarmUp)
            {
                latencies.AddSince(start);
            }
        }

        return latencies;
    }
}
