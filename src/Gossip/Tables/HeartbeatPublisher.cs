using System.Diagnostics.CodeAnalysis;
using Gossip.Agreement;

namespace Gossip.Tables;

/// <summary>Tells others of the heartbeats that this node was told: one fact for each row, whose time only rises, taken back when the row is gone. May be called from any thread.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore has no handle: there is nothing to release.")]
internal sealed class HeartbeatPublisher(ISystemFacts facts)
{
    /// <summary>How many rows a node may tell of: a node usually has one, and its facts are few and for all of the library.</summary>
    public const int MaxRows = 256;

    /// <summary>One change at a time, so that an earlier time never overtakes a later one.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, Told> _told = new(StringComparer.Ordinal);
    private long _count;

    /// <summary>Counts heartbeats. A read that begins after this was taken shows the rows of all heartbeats up to it, as far as there are such rows.</summary>
    public long Mark => Volatile.Read(ref _count);

    /// <exception cref="TableLimitException">The node tells of too many rows.</exception>
    public async Task TellAsync(string key, DateTimeOffset time, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var told = _told.GetValueOrDefault(key);
            if (told is { IsCertain: true } && told.Time >= time)
            {
                return;
            }

            if (told is null && _told.Count == MaxRows)
            {
                throw new TableLimitException(
                    "The number of rows that this node tells heartbeats of", MaxRows + 1, MaxRows, "Send each heartbeat from the node that its row stands for.");
            }

            // What fails may have been told all the same: it is not lowered by the next try, and taken back in the end.
            var latest = told?.Time > time ? told.Time : time;
            var mark = Interlocked.Increment(ref _count);
            _told[key] = new Told(latest, mark, IsCertain: false);
            await facts.SetAsync(FactOf(key), latest.ToUniversalTime(), cancellationToken).ConfigureAwait(false);
            _told[key] = new Told(latest, mark, IsCertain: true);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes back what was told of rows that are gone. What fails, or would have to wait, is done the next time.</summary>
    /// <param name="table">What a read showed.</param>
    /// <param name="mark">The <see cref="Mark"/> from before that read.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task RetractAsync(TableSnapshot table, long mark, CancellationToken cancellationToken)
    {
        if (mark == 0 || !await _turn.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            foreach (var (key, _) in _told.Where(told => told.Value.Mark <= mark && table.Find(told.Key) is null).ToArray())
            {
                await facts.SetAsync(FactOf(key), null, cancellationToken).ConfigureAwait(false);
                _told.Remove(key);
            }
        }
        catch (GossipException)
        {
            // The node stops, and what it told goes with it.
        }
        finally
        {
            _turn.Release();
        }
    }

    private static string FactOf(string key) => TableFacts.HeartbeatPrefix + HeartbeatName.Of(key);

    private sealed record Told(DateTimeOffset Time, long Mark, bool IsCertain);
}
