using System.Collections.Immutable;
using Gossip.Agreement;

namespace Gossip.Tables;

/// <summary>The membership table as the value of a register: rows with etags under one version. Immutable; its change functions never throw.</summary>
internal sealed class TableState : IRegisterState
{
    /// <summary>How far a successor is above all that is known of the table before it. What nobody knows of are the commits of seconds, and a table makes a few in each.</summary>
    public const int SuccessorJump = 1 << 20;

    public static TableState Empty { get; } = new()
    {
        Rows = ImmutableSortedDictionary.Create<string, StoredRow>(StringComparer.Ordinal),
    };

    public TableVersion Version { get; init; }

    public required ImmutableSortedDictionary<string, StoredRow> Rows { get; init; }

    /// <summary>What the rows take, as <see cref="TableLimits.MaxBytes"/> counts.</summary>
    public int Bytes { get; init; }

    /// <summary>Which rows the latest commits touched. No part of what is agreed on.</summary>
    public TableTrail Trail { get => field ??= TableTrail.From(Version.Stamp); private init; }

    public static int SizeOf(string key, ReadOnlyMemory<byte> value) =>
        System.Text.Encoding.UTF8.GetByteCount(key) + value.Length + TableLimits.RowOverhead;

    public IRegisterState Apply(ReadOnlySpan<byte> change, out ReadOnlyMemory<byte> result)
    {
        var outcome = TableOutcome.Unknown;
        var after = TableFormat.TryReadChange(change, out var read) ? Apply(read, out outcome) : this;
        result = TableFormat.Encode(new TableResult(outcome, after.Version));
        return after;
    }

    public TableState Apply(TableChange change, out TableOutcome outcome)
    {
        if (change is InsertRow or UpdateRow && Version.Number == int.MaxValue)
        {
            outcome = TableOutcome.Exhausted;
            return this;
        }

        return change switch
        {
            InsertRow insert => Insert(insert, out outcome),
            UpdateRow update => Update(update, out outcome),
            RemoveRows remove => Remove(remove, out outcome),
            ClearTable => Clear(out outcome),
            RestoreTable restore => Restore(restore, out outcome),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "Not a change of a table."),
        };
    }

    public ReadOnlyMemory<byte> Save() => TableFormat.Encode(this);

    public long Height => Version.Number;

    /// <summary>Version and stamp jump by the same, so that neither a number nor an etag is ever used twice: each commit that nobody here saw raised both by one.</summary>
    public ReadOnlyMemory<byte> Succeed(long above)
    {
        var highest = above <= int.MaxValue ? Math.Max(above, Version.Number) : Version.Number; // no table comes so far
        var number = (int)Math.Min(highest + SuccessorJump, int.MaxValue);
        return TableFormat.Encode(new RestoreTable(new TableVersion(number, Version.Stamp + (number - Version.Number)), [.. Rows.Select(row => (row.Key, row.Value))]));
    }

    private TableState Restore(RestoreTable restore, out TableOutcome outcome)
    {
        var rows = Rows.SetItems(restore.Rows.Select(row => KeyValuePair.Create(row.Key, row.Row)));
        var bytes = rows.Sum(row => (long)SizeOf(row.Key, row.Value.Value));
        outcome = Version != default || !Rows.IsEmpty ? TableOutcome.Lost : bytes > TableLimits.MaxBytes ? TableOutcome.Full : TableOutcome.Done;
        return outcome == TableOutcome.Done ? new TableState { Version = restore.Version, Rows = rows, Bytes = (int)bytes } : this;
    }

    private TableState Insert(InsertRow insert, out TableOutcome outcome)
    {
        if (insert.Expected != Version || Rows.ContainsKey(insert.Key))
        {
            outcome = TableOutcome.Lost;
            return this;
        }

        // Before the first commit of all there is nobody whose view a jump could skip.
        var floor = Version.Stamp == 0 ? insert.Floor : 0;
        return Put(insert.Key, insert.Value, insert.IsTerminal, SizeOf(insert.Key, insert.Value), floor, out outcome);
    }

    private TableState Update(UpdateRow update, out TableOutcome outcome)
    {
        if (update.Expected != Version || !Rows.TryGetValue(update.Key, out var row) || row.Stamp != update.RowStamp)
        {
            outcome = TableOutcome.Lost;
            return this;
        }

        if (row.IsTerminal && !update.IsTerminal)
        {
            outcome = TableOutcome.Terminal;
            return this;
        }

        return Put(update.Key, update.Value, update.IsTerminal, update.Value.Length - row.Value.Length, 0, out outcome);
    }

    private TableState Remove(RemoveRows remove, out TableOutcome outcome)
    {
        var rows = Rows;
        var bytes = Bytes;
        List<string> removed = [];
        foreach (var (key, stamp) in remove.Rows)
        {
            if (rows.TryGetValue(key, out var row) && row.Stamp == stamp)
            {
                rows = rows.Remove(key);
                bytes -= SizeOf(key, row.Value);
                removed.Add(key);
            }
        }

        return removed.Count == 0 ? Nothing(out outcome) : Commit(rows, bytes, 0, removed, out outcome);
    }

    private TableState Clear(out TableOutcome outcome) =>
        Rows.IsEmpty ? Nothing(out outcome) : Commit(Empty.Rows, 0, 0, [.. Rows.Keys], out outcome);

    private TableState Put(string key, ReadOnlyMemory<byte> value, bool isTerminal, int growth, int floor, out TableOutcome outcome)
    {
        if (Bytes + growth > TableLimits.MaxBytes)
        {
            outcome = TableOutcome.Full;
            return this;
        }

        return Commit(Rows.SetItem(key, new StoredRow(value, Version.Stamp + 1, isTerminal)), Bytes + growth, floor, [key], out outcome);
    }

    private TableState Nothing(out TableOutcome outcome)
    {
        outcome = TableOutcome.Nothing;
        return this;
    }

    private TableState Commit(ImmutableSortedDictionary<string, StoredRow> rows, int bytes, int floor, IReadOnlyCollection<string> touched, out TableOutcome outcome)
    {
        outcome = TableOutcome.Done;
        var number = Version.Number == int.MaxValue ? int.MaxValue : Version.Number + 1;
        var stamp = Version.Stamp + 1;
        return new TableState { Version = new TableVersion(Math.Max(number, floor), stamp), Rows = rows, Bytes = bytes, Trail = Trail.Add(touched, stamp) };
    }
}
