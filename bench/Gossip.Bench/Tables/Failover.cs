using System.Diagnostics;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>Kills the process that decides, again and again; measured until a client's next write is done.</summary>
internal static class Failover
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(ITableSide side, int kills, ResultSet results, TextWriter log, CancellationToken cancellationToken)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            await side.CommitAsync(killed: -1, cancellationToken); // so that somebody is in charge
            await Task.Delay(Rest + (Rest * Random.Shared.NextDouble()), cancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            var killed = await side.KillLeaderAsync(patience.Token);
            var start = Stopwatch.GetTimestamp();
            await side.CommitAsync(killed, patience.Token);
            var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            results.Add(TableMetrics.Failover, 3, side.Side, time);
            log.WriteLine($"{side.Side}, kill {kill + 1} of {kills}: {time:0} ms");
            await side.RestartAsync(killed, cancellationToken);
        }
    }
}
