using System.Runtime.CompilerServices;
using Gossip.Agreement;

namespace Gossip.Tables;

/// <summary>The table of the cluster on one node: changes and reads by the register, heartbeats and news of versions by gossip.</summary>
internal sealed class TableClient : ITableClient
{
    private const string Name = "A call to the table";
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(1);
    private readonly IRegister _register;
    private readonly ISystemFacts _facts;
    private readonly TimeSpan _timeout;
    private readonly TableVersionFloor _floor;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopped;
    private readonly SnapshotCache _snapshots = new();
    private readonly TableVersionFeed _versions = new();
    private readonly HeartbeatPublisher _heartbeats;
    private readonly WriteLine _writes = new();

    /// <param name="register">The register that holds the table.</param>
    /// <param name="facts">What the members tell each other.</param>
    /// <param name="options">How the node takes part.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopped">Cancelled when the node stops; then there is nothing to call any more.</param>
    public TableClient(IRegister register, ISystemFacts facts, TableOptions options, TimeProvider time, CancellationToken stopped)
    {
        (_register, _facts, _time, _stopped) = (register, facts, time, stopped);
        (_timeout, _floor) = (options.OperationTimeout, options.VersionFloor);
        _heartbeats = new HeartbeatPublisher(facts);
        stopped.UnsafeRegister(static feed => ((TableVersionFeed)feed!).Complete(), _versions);
    }

    public Task<TableSnapshot> ReadAllAsync(CancellationToken cancellationToken) => ReadAsync(_timeout, cancellationToken);

    public async Task<TableSnapshot> ReadRowAsync(string key, CancellationToken cancellationToken)
    {
        TableChecks.DemandKey(key);
        var table = await ReadAsync(_timeout, cancellationToken).ConfigureAwait(false);
        return new TableSnapshot(table.Version, table.Find(key) is { } row ? [row] : []);
    }

    public async Task<bool> InsertRowAsync(string key, ReadOnlyMemory<byte> value, TableVersion version, bool isTerminal, CancellationToken cancellationToken)
    {
        TableChecks.DemandKey(key);
        TableChecks.DemandRow(value);
        if (version.Stamp == TableEtag.Foreign)
        {
            return await LoseAsync(cancellationToken).ConfigureAwait(false);
        }

        var floor = _floor == TableVersionFloor.Clock ? ClockFloor.At(_time.GetUtcNow()) : 0;
        var change = new InsertRow(version, key, value, isTerminal, floor);
        return await WriteAsync(change, version, key, value.Length, cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> UpdateRowAsync(
        string key, ReadOnlyMemory<byte> value, string rowEtag, TableVersion version, bool isTerminal, CancellationToken cancellationToken)
    {
        TableChecks.DemandKey(key);
        TableChecks.DemandRow(value);
        var stamp = TableEtag.Parse(rowEtag);
        if (version.Stamp == TableEtag.Foreign || stamp == TableEtag.Foreign)
        {
            return await LoseAsync(cancellationToken).ConfigureAwait(false);
        }

        return await WriteAsync(new UpdateRow(version, key, stamp, value, isTerminal), version, key, value.Length, cancellationToken).ConfigureAwait(false);
    }

    public Task HeartbeatAsync(string key, DateTimeOffset time, CancellationToken cancellationToken)
    {
        TableChecks.DemandKey(key);
        DemandRunning();
        if (!_facts.IsHeard)
        {
            throw new NotSupportedException("A client tells the members nothing by gossip, so its heartbeats would be heard by nobody: let a member send them.");
        }

        _snapshots.Raise(HeartbeatName.Of(key), time);
        return _heartbeats.TellAsync(key, time, cancellationToken);
    }

    public async Task<bool> CleanupDefunctAsync(
        DateTimeOffset before, Func<TableRow, DateTimeOffset?>? lastSign, TableCleanupScope scope, CancellationToken cancellationToken)
    {
        var rule = new CleanupRule(before, lastSign, scope);
        var start = _time.GetTimestamp();
        while (true)
        {
            var table = await ReadAsync(Remaining(start), cancellationToken).ConfigureAwait(false);
            var rows = rule.Judge(table);
            if (rows.IsEmpty)
            {
                return false;
            }

            // When all of them changed while they were judged, those that they are now are judged.
            var result = await ChangeAsync(new RemoveRows(rows), Remaining(start), cancellationToken).ConfigureAwait(false);
            if (result.Outcome == TableOutcome.Done)
            {
                return true;
            }
        }
    }

    public async Task DeleteAllAsync(CancellationToken cancellationToken)
    {
        var mark = _heartbeats.Mark;
        var result = await ChangeAsync(new ClearTable(), _timeout, cancellationToken).ConfigureAwait(false);
        _snapshots.Clear(result.Version);
        await _heartbeats.RetractAsync(TableSnapshot.Empty, mark, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<int> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = -1;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var goesOn = _versions.Look(out _, out var next);
            var view = _facts.View;
            _versions.Learn(_snapshots.Observe(view));
            _versions.Learn(_register.Known is { State: TableState table } ? table.Version.Number : -1);
            if (_versions.Latest > seen)
            {
                seen = _versions.Latest;
                yield return seen;
            }
            else if (!goesOn)
            {
                yield break;
            }
            else
            {
                // While the node stops there may be no further view, and no end yet.
                var gossip = _facts.ChangeAfter(view);
                var isLastView = gossip.IsCompleted && ReferenceEquals(view, _facts.View);
                await (isLastView ? next : Task.WhenAny(next, gossip)).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        DemandRunning();
        return await _register.TakeTurnAsync(_timeout, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TableSnapshot> ReadAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        DemandRunning();
        var mark = _heartbeats.Mark;
        var value = await _register.ReadAsync(timeout, cancellationToken).ConfigureAwait(false);
        var table = _snapshots.Of(value, _facts.View);
        _versions.Learn(table.Version.Number);
        _writes.Learn(value.Lineage.Incarnation, ((TableState)value.State).Version.Stamp);
        await _heartbeats.RetractAsync(table, mark, cancellationToken).ConfigureAwait(false);
        return table;
    }

    /// <summary>An etag that no table made is never current; to say so needs a majority all the same.</summary>
    private async Task<bool> LoseAsync(CancellationToken cancellationToken)
    {
        _ = await ReadAsync(_timeout, cancellationToken).ConfigureAwait(false);
        return false;
    }

    private async Task<bool> WriteAsync(TableChange change, TableVersion expected, string key, int length, CancellationToken cancellationToken)
    {
        DemandRunning();
        var start = _time.GetTimestamp();
        var body = TableFormat.Encode(change);
        if (!await EnterAsync(expected.Stamp, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        var current = -1L;
        bool letsPass;
        TableResult result;
        try
        {
            // Who waited in line has little time left when nobody answers, and is told so by the one that it would ask.
            var remaining = _timeout - _time.GetElapsedTime(start);
            result = await ChangeAsync(change, body, remaining > ShortestTimeout ? remaining : ShortestTimeout, cancellationToken).ConfigureAwait(false);
            current = result.Version.Stamp;
        }
        finally
        {
            letsPass = _writes.Leave(expected.Stamp, current);
        }

        if (letsPass)
        {
            await Task.Yield();
        }

        return result.Outcome switch
        {
            TableOutcome.Done => true,
            TableOutcome.Lost => false,
            TableOutcome.Terminal => throw new TableRowTerminalException(key),
            TableOutcome.Full => throw Full(key, length),
            TableOutcome.Exhausted => throw new TableLimitException("The version of the table", 1L + int.MaxValue, int.MaxValue, "Found a new cluster, without a floor for its versions."),
            _ => throw new TableOperationUnknownException(change.GetType().Name),
        };
    }

    private async ValueTask<bool> EnterAsync(long stamp, CancellationToken cancellationToken)
    {
        try
        {
            return await _writes.EnterAsync(stamp, _timeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TableUnavailableException(
                $"The table was not available within {_timeout}: writes of this node that expect the same version and came before still wait for it, and their errors say for whom.", mayHaveHappened: false);
        }
    }

    /// <summary>The change is encoded before the first wait: so whatever the caller does to its bytes later, they are those of the call.</summary>
    private Task<TableResult> ChangeAsync(TableChange change, TimeSpan timeout, CancellationToken cancellationToken) =>
        ChangeAsync(change, TableFormat.Encode(change), timeout, cancellationToken);

    private async Task<TableResult> ChangeAsync(TableChange change, ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        DemandRunning();
        var answer = await _register.ChangeAsync(body, timeout, cancellationToken).ConfigureAwait(false);
        if (!TableFormat.TryReadResult(answer.Span, out var result) || result.Outcome == TableOutcome.Unknown)
        {
            throw new TableOperationUnknownException(change.GetType().Name);
        }

        _versions.Learn(result.Version.Number);
        return result;
    }

    /// <summary>How full the table is only those know who decide; this node says what it last saw.</summary>
    private TableLimitException Full(string key, int length)
    {
        var row = System.Text.Encoding.UTF8.GetByteCount(key) + length + TableLimits.RowOverhead;
        var known = _register.Known is { State: TableState table } ? table.Bytes : 0;
        return new TableLimitException(
            "The size in bytes of the table", Math.Max(known + row, TableLimits.MaxBytes + 1), TableLimits.MaxBytes, "Clean up rows that are defunct, or store less in each.");
    }

    private TimeSpan Remaining(long start)
    {
        var remaining = _timeout - _time.GetElapsedTime(start);
        return remaining > TimeSpan.Zero
            ? remaining
            : throw new TableUnavailableException($"The table changed again and again for {_timeout}, and the clean-up came too late each time.", mayHaveHappened: false);
    }

    private void DemandRunning()
    {
        if (_stopped.IsCancellationRequested)
        {
            throw new GossipStateException(Name, GossipNodeState.Stopped);
        }
    }
}
