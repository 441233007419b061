using System.Diagnostics;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Tables;

/// <summary>
/// Clients that start at once and follow the retry policy of Orleans: each reads, adds its row, reads, and makes it active. Who was too slow waits, at random, from 2 s up to 4 s the first time, and up to twice
/// as much beyond 2 s each further time, at most 64 s.
/// </summary>
internal static class StartTogether
{
    private const int MaxDoublings = 5;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(64);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task MeasureAsync(ITableSide side, int clients, bool inTurns, ResultSet results, CancellationToken cancellationToken)
    {
        await side.ClearAsync(cancellationToken);
        var owners = await Task.WhenAll(Enumerable.Range(0, clients).Select(number => side.RowOwnerAsync(number, cancellationToken)));
        try
        {
            // Their first reads are not what is measured, nor is the compiler.
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(owners.Select(owner => Task.Run(() => BecomeActiveAsync(owner, inTurns, patience.Token), patience.Token)));
            results.Add(inTurns ? TableMetrics.AllActiveInTurns : TableMetrics.AllActive, clients, side.Side, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        finally
        {
            await Task.WhenAll(owners.Select(owner => owner.DisposeAsync().AsTask()));
        }
    }

    private static async Task BecomeActiveAsync(IRowOwner owner, bool inTurns, CancellationToken cancellationToken)
    {
        foreach (var state in new[] { "Joining", "Active" })
        {
            for (var losses = 0; !await TryAsync(owner, state, inTurns, cancellationToken); losses++)
            {
                var range = ShortestPause * Math.Pow(2, Math.Min(losses, MaxDoublings));
                var pause = ShortestPause + (range * Random.Shared.NextDouble());
                await Task.Delay(pause < LongestPause ? pause : LongestPause, cancellationToken);
            }
        }
    }

    private static async Task<bool> TryAsync(IRowOwner owner, string state, bool inTurns, CancellationToken cancellationToken)
    {
        await using var turn = inTurns ? await owner.TakeTurnAsync(cancellationToken) : null;
        return await owner.TryWriteAsync(state, cancellationToken);
    }
}
