using System.Collections.Immutable;

namespace Gossip.Tables;

/// <summary>Which rows a clean-up removes.</summary>
internal sealed class CleanupRule(DateTimeOffset before, Func<TableRow, DateTimeOffset?>? lastSign, TableCleanupScope scope)
{
    private readonly Func<TableRow, DateTimeOffset?> _lastSign = lastSign ?? (static row => row.Heartbeat);

    /// <summary>The rows that go, as they were when they were judged.</summary>
    public ImmutableArray<(string Key, long Stamp)> Judge(TableSnapshot table) =>
        [.. table.Rows.Where(IsDefunct).Select(row => (row.Key, row.Stamp))];

    private bool IsDefunct(TableRow row) => (row.IsTerminal || scope == TableCleanupScope.All) && _lastSign(row) < before;
}
