using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>What a commit costs when there are many rows.</summary>
internal static class ManyRows
{
    private const int Rows = 10_000;
    private const int RowBytes = 250;

    public static async Task MeasureAsync(ITableSide side, ResultSet results, CancellationToken cancellationToken)
    {
        await side.ClearAsync(cancellationToken);
        var empty = await MeasureAsync(side, 0, results, cancellationToken);
        await side.FillAsync(Rows, RowBytes, cancellationToken);
        var full = await MeasureAsync(side, Rows, results, cancellationToken);
        results.Add(TableMetrics.CostOfRows, Rows, side.Side, full / empty);
        await side.ClearAsync(cancellationToken);
    }

    private static async Task<double> MeasureAsync(ITableSide side, int rows, ResultSet results, CancellationToken cancellationToken)
    {
        var (swaps, cycles) = await SwapSpeed.RunAloneAsync(side.Swapper(0), cancellationToken);
        results.Add(TableMetrics.SwapAmongMany, rows, side.Side, swaps.Median);
        results.Add(TableMetrics.CycleAmongMany, rows, side.Side, cycles.Median);
        return swaps.Median;
    }
}
