using Gossip;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// Orleans' membership table on the table that the members of the gossip cluster keep. What it answers is exact: false only when somebody else was faster, an exception when it is not known what
/// happened, and never old rows or none in place of those that cannot be read.
/// </summary>
/// <remarks>Both faces of the interface are here: the one without tokens, and the one of later versions of Orleans with them.</remarks>
internal sealed partial class GossipMembershipTable(
    SiloNode silo, IOptions<GossipClusteringOptions> options, IOptions<ClusterOptions> cluster, ILogger<GossipMembershipTable> logger) : IMembershipTable
{
    private readonly JoinTurn _turn = new();
    private readonly Supersession _supersession = silo.Supersession;
    private readonly Farewell _farewell = new(silo, logger);

    private ITableClient Table => silo.Node.Table;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    public Task<MembershipTableData> ReadAll() => ReadAllAsync(CancellationToken.None);

    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    public Task UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    public Task DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silo.Stopping);
        deadline.CancelAfter(options.Value.InitializationTimeout);
        TableUnavailableException? last = null;
        try
        {
            await silo.StartAsync(deadline.Token).ConfigureAwait(false);
            while (!await IsReadableAsync(error => last = error, deadline.Token).ConfigureAwait(false))
            {
                deadline.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GossipClusteringException(Explain(last), last ?? (Exception)e);
        }
    }

    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken)
    {
        await silo.StartAsync(cancellationToken).ConfigureAwait(false);
        if (silo.Silo is not null)
        {
            await _turn.TakeAsync(Table, cancellationToken).ConfigureAwait(false);
        }

        return ToOrleans(await _farewell.ReadAsync(token => _supersession.WatchAsync(Table.ReadAllAsync(token)), cancellationToken).ConfigureAwait(false));
    }

    public async Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        await silo.StartAsync(cancellationToken).ConfigureAwait(false);
        return ToOrleans(await _supersession.WatchAsync(Table.ReadRowAsync(SiloRow.KeyOf(key), cancellationToken)).ConfigureAwait(false));
    }

    public async Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(tableVersion);
        var (key, row, isDead) = (SiloRow.KeyOf(entry.SiloAddress), SiloRow.Write(entry), entry.Status == SiloStatus.Dead);
        await silo.StartAsync(cancellationToken).ConfigureAwait(false);
        var won = await _supersession.WatchAsync(Table.InsertRowAsync(key, row, Expected(tableVersion), isDead, cancellationToken)).ConfigureAwait(false);
        await EndTurnAsync(entry, won).ConfigureAwait(false);
        return won;
    }

    public async Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(etag);
        ArgumentNullException.ThrowIfNull(tableVersion);
        var (key, row, isDead) = (SiloRow.KeyOf(entry.SiloAddress), SiloRow.Write(entry), entry.Status == SiloStatus.Dead);
        await silo.StartAsync(cancellationToken).ConfigureAwait(false);
        var won = await _farewell.WriteAsync(
            entry, token => _supersession.WatchAsync(Table.UpdateRowAsync(key, row, etag, Expected(tableVersion), isDead, token)), cancellationToken).ConfigureAwait(false);
        await EndTurnAsync(entry, won).ConfigureAwait(false);
        return won;
    }

    public async Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var (key, time) = (SiloRow.KeyOf(entry.SiloAddress), new DateTimeOffset(entry.IAmAliveTime.Ticks, TimeSpan.Zero));
        await silo.StartAsync(cancellationToken).ConfigureAwait(false);
        await Table.HeartbeatAsync(key, time, cancellationToken).ConfigureAwait(false);
    }

    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken)
    {
        await silo.StartAsync(cancellationToken).ConfigureAwait(false);
        await _supersession.WatchAsync(Table.CleanupDefunctAsync(beforeDate, SiloSign.LastOf, TableCleanupScope.Terminal, cancellationToken)).ConfigureAwait(false);
    }

    public async Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken)
    {
        if (!string.Equals(clusterId, cluster.Value.ClusterId, StringComparison.Ordinal))
        {
            throw new ArgumentException($"This is the table of cluster '{cluster.Value.ClusterId}', not of '{clusterId}': nothing was deleted.", nameof(clusterId));
        }

        await silo.StartAsync(cancellationToken).ConfigureAwait(false);
        await Table.DeleteAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A writer hands over the number that it wants to make, and the etag of the version that it saw.</summary>
    private static global::Gossip.TableVersion Expected(TableVersion version) => new(Math.Max(version.Version - 1, 0), version.VersionEtag);

    private static MembershipTableData ToOrleans(TableSnapshot table)
    {
        var rows = new List<Tuple<MembershipEntry, string>>(table.Rows.Length);
        foreach (var row in table.Rows)
        {
            rows.Add(Tuple.Create(SiloSign.EntryOf(row), row.Etag));
        }

        return new MembershipTableData(rows, new TableVersion(table.Version.Number, table.Version.Etag));
    }

    private async Task<bool> IsReadableAsync(Action<TableUnavailableException> failed, CancellationToken cancellationToken)
    {
        try
        {
            await _supersession.WatchAsync(Table.ReadAllAsync(cancellationToken)).ConfigureAwait(false);
            return true;
        }
        catch (TableUnavailableException e)
        {
            failed(e);
            LogWaiting(e.Message);
            return false;
        }
    }

    private ValueTask EndTurnAsync(MembershipEntry entry, bool won) =>
        entry.SiloAddress.Equals(silo.Silo) ? _turn.EndAsync(hasJoined: won && entry.Status == SiloStatus.Active) : ValueTask.CompletedTask;

    private string Explain(TableUnavailableException? last)
    {
        var seeds = options.Value.Seeds.Count == 0 ? "No seeds are configured" : $"The seeds are {string.Join(", ", options.Value.Seeds)}";
        var found = silo.Node.State == GossipNodeState.Running
            ? $"{silo.Node.View.Present.Count() - 1} other members were found"
            : $"the node is {silo.Node.State}";
        var why = silo.IsStopping ? "The host stopped before the membership table could be used" : $"The membership table could not be used within {options.Value.InitializationTimeout}";
        return $"{why}. {seeds}; {found}. {last?.Message ?? "Nobody answered."}";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "The silo waits for the membership table. {Reason}")]
    private partial void LogWaiting(string reason);
}
