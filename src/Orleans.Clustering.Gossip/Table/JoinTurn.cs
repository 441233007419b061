using Gossip;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// While a silo joins, it reads the table and writes at once, like all others that start with it, and whoever loses waits for seconds. So it takes a turn with each read, until its write or until the turn ends by
/// itself. An active silo needs none.
/// </summary>
internal sealed class JoinTurn
{
    private IAsyncDisposable? _turn;
    private volatile bool _isJoining = true;

    /// <summary>A silo is about to read what it will base a write on.</summary>
    public async ValueTask TakeAsync(ITableClient table, CancellationToken cancellationToken)
    {
        if (_isJoining)
        {
            await EndAsync().ConfigureAwait(false);
            await KeepAsync(await table.TakeTurnAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    /// <summary>It wrote.</summary>
    /// <param name="hasJoined">It takes no more turns.</param>
    public ValueTask EndAsync(bool hasJoined = false)
    {
        _isJoining &= !hasJoined;
        return KeepAsync(null);
    }

    private ValueTask KeepAsync(IAsyncDisposable? turn) => Interlocked.Exchange(ref _turn, turn) is { } before ? before.DisposeAsync() : ValueTask.CompletedTask;
}
