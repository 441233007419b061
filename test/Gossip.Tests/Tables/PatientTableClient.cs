namespace Gossip.Tests.Tables;

/// <summary>
/// A client that tries again what its cluster says may fail. Where a write's outcome is not known, the table tells: each write of these tests has a value of its own, so the row with that value at the next version is this
/// write's, and another version is somebody else's. Where the cluster tolerates nothing, this does nothing.
/// </summary>
internal sealed class PatientTableClient(ITableClient inner, ITableCluster cluster) : ITableClient
{
    public Task<TableSnapshot> ReadAllAsync(CancellationToken cancellationToken) => TryAsync(() => inner.ReadAllAsync(cancellationToken));

    public Task<TableSnapshot> ReadRowAsync(string key, CancellationToken cancellationToken) => TryAsync(() => inner.ReadRowAsync(key, cancellationToken));

    public Task<bool> InsertRowAsync(string key, ReadOnlyMemory<byte> value, TableVersion version, bool isTerminal, CancellationToken cancellationToken) =>
        WriteAsync(bytes => inner.InsertRowAsync(key, bytes, version, isTerminal, cancellationToken), key, value, version);

    public Task<bool> UpdateRowAsync(string key, ReadOnlyMemory<byte> value, string rowEtag, TableVersion version, bool isTerminal, CancellationToken cancellationToken) =>
        WriteAsync(bytes => inner.UpdateRowAsync(key, bytes, rowEtag, version, isTerminal, cancellationToken), key, value, version);

    public Task HeartbeatAsync(string key, DateTimeOffset time, CancellationToken cancellationToken) => inner.HeartbeatAsync(key, time, cancellationToken);

    public Task<bool> CleanupDefunctAsync(
        DateTimeOffset before, Func<TableRow, DateTimeOffset?>? lastSign, TableCleanupScope scope, CancellationToken cancellationToken) =>
        TryAsync(() => inner.CleanupDefunctAsync(before, lastSign, scope, cancellationToken));

    public Task DeleteAllAsync(CancellationToken cancellationToken) => TryAsync(async () =>
    {
        await inner.DeleteAllAsync(cancellationToken);
        return true;
    });

    public IAsyncEnumerable<int> WatchAsync(CancellationToken cancellationToken) => inner.WatchAsync(cancellationToken);

    public Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken) => inner.TakeTurnAsync(cancellationToken);

    private async Task<T> TryAsync<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (TableUnavailableException e) when (cluster.Tolerates(e))
            {
            }
        }
    }

    private async Task<bool> WriteAsync(Func<ReadOnlyMemory<byte>, Task<bool>> write, string key, ReadOnlyMemory<byte> value, TableVersion version)
    {
        // The client itself gets the caller's own bytes, whatever happens to them; a retry must send what the first try did.
        var copy = value.ToArray();
        for (var bytes = value; ; bytes = copy)
        {
            try
            {
                return await write(bytes);
            }
            catch (TableUnavailableException e) when (cluster.Tolerates(e))
            {
                if (!e.MayHaveHappened)
                {
                    continue;
                }

                var table = await TryAsync(() => inner.ReadAllAsync(CancellationToken.None));
                if (table.Version != version)
                {
                    return table.Find(key) is { } row && row.Value.Span.SequenceEqual(copy);
                }
            }
        }
    }
}
