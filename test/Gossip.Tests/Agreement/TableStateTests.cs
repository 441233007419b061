using System.Text;
using Gossip.Tables;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class TableStateTests
{
    internal static IReadOnlyList<TableChange> Changes { get; } =
    [
        new InsertRow(new TableVersion(3, 4), "key", "row"u8.ToArray(), IsTerminal: true, Floor: 9),
        new UpdateRow(new TableVersion(3, 4), "key", 2, "row"u8.ToArray(), IsTerminal: false),
        new RemoveRows([("a", 1), ("b", 2)]),
        new ClearTable(),
        new RestoreTable(new TableVersion(3, 4), [("a", new StoredRow("row"u8.ToArray(), 2, IsTerminal: true)), ("b", new StoredRow(default, 3, IsTerminal: false))]),
    ];

    [Fact]
    public void An_insert_takes_the_next_version_and_only_at_the_expected_one()
    {
        var table = Insert(TableState.Empty, "a", "1", out var outcome);

        Assert.Equal((TableOutcome.Done, new TableVersion(1, 1), 1L), (outcome, table.Version, table.Rows["a"].Stamp));
        Assert.Same(table, table.Apply(new InsertRow(default, "b", default, IsTerminal: false, Floor: 0), out outcome));
        Assert.Equal(TableOutcome.Lost, outcome);
        Assert.Same(table, Insert(table, "a", "2", out outcome));
        Assert.Equal(TableOutcome.Lost, outcome);
    }

    [Fact]
    public void An_update_needs_the_row_that_its_caller_saw()
    {
        var table = Insert(Insert(TableState.Empty, "a", "1", out _), "b", "1", out _);

        var after = table.Apply(new UpdateRow(table.Version, "a", 1, "2"u8.ToArray(), IsTerminal: false), out var outcome);
        Assert.Equal((TableOutcome.Done, 3, 3L), (outcome, after.Version.Number, after.Rows["a"].Stamp));
        Assert.Same(after, after.Apply(new UpdateRow(after.Version, "a", 1, "3"u8.ToArray(), IsTerminal: false), out outcome));
        Assert.Equal(TableOutcome.Lost, outcome);
        Assert.Same(after, after.Apply(new UpdateRow(after.Version, "c", 1, "3"u8.ToArray(), IsTerminal: false), out outcome));
        Assert.Equal(TableOutcome.Lost, outcome);
    }

    [Fact]
    public void A_terminal_row_stays_terminal()
    {
        var table = TableState.Empty.Apply(new InsertRow(default, "a", default, IsTerminal: true, Floor: 0), out _);

        Assert.Same(table, table.Apply(new UpdateRow(table.Version, "a", 1, default, IsTerminal: false), out var outcome));
        Assert.Equal(TableOutcome.Terminal, outcome);
        table.Apply(new UpdateRow(table.Version, "a", 1, default, IsTerminal: true), out outcome);
        Assert.Equal(TableOutcome.Done, outcome);
    }

    [Fact]
    public void Removing_takes_only_rows_that_are_still_the_same_and_changes_the_version_once()
    {
        var table = Insert(Insert(TableState.Empty, "a", "1", out _), "b", "1", out _);

        var after = table.Apply(new RemoveRows([("a", 1), ("b", 1), ("c", 1)]), out var outcome);
        Assert.Equal((TableOutcome.Done, 3), (outcome, after.Version.Number));
        Assert.Equal("b", Assert.Single(after.Rows).Key);
        Assert.Same(after, after.Apply(new RemoveRows([("b", 1)]), out outcome));
        Assert.Equal(TableOutcome.Nothing, outcome);
        after = after.Apply(new ClearTable(), out outcome);
        Assert.Equal((TableOutcome.Done, 4, 0, 0), (outcome, after.Version.Number, after.Rows.Count, after.Bytes));
        after.Apply(new ClearTable(), out outcome);
        Assert.Equal(TableOutcome.Nothing, outcome);
    }

    [Fact]
    public void The_floor_lifts_the_first_version_only()
    {
        var table = TableState.Empty.Apply(new InsertRow(default, "a", default, IsTerminal: false, Floor: 100), out _);
        Assert.Equal(new TableVersion(100, 1), table.Version);

        table = table.Apply(new InsertRow(table.Version, "b", default, IsTerminal: false, Floor: 1000), out _);
        Assert.Equal(new TableVersion(101, 2), table.Version);
    }

    [Fact]
    public void A_full_table_and_the_last_version_refuse_more()
    {
        var table = TableState.Empty;
        TableOutcome outcome;
        var count = 0;
        while (true)
        {
            table = table.Apply(new InsertRow(table.Version, $"key{count}", new byte[TableLimits.MaxRowBytes], IsTerminal: false, Floor: 0), out outcome);
            if (outcome != TableOutcome.Done)
            {
                break;
            }

            count++;
        }

        Assert.Equal((TableOutcome.Full, count), (outcome, table.Rows.Count));
        Assert.InRange(table.Bytes, TableLimits.MaxBytes - TableLimits.MaxRowBytes, TableLimits.MaxBytes);
        Assert.True(TableFormat.Instance.TryRead(table.Save().Span, out var read));
        Assert.Equal(table.Bytes, ((TableState)read).Bytes);
        var last = TableState.Empty.Apply(new InsertRow(default, "a", default, IsTerminal: false, Floor: int.MaxValue), out _);
        Assert.Same(last, Insert(last, "b", "1", out outcome));
        Assert.Equal(TableOutcome.Exhausted, outcome);
    }

    [Fact]
    public void What_cannot_be_read_changes_nothing()
    {
        Assert.Same(TableState.Empty, TableState.Empty.Apply("junk"u8, out var result));
        Assert.True(TableFormat.TryReadResult(result.Span, out var read));
        Assert.Equal(TableOutcome.Unknown, read.Outcome);
    }

    private static TableState Insert(TableState table, string key, string value, out TableOutcome outcome) =>
        table.Apply(new InsertRow(table.Version, key, Encoding.UTF8.GetBytes(value), IsTerminal: false, Floor: 0), out outcome);

    [Fact]
    public void A_successor_is_filled_once_and_no_number_or_etag_is_used_twice()
    {
        var lost = Insert(Insert(TableState.Empty, "a", "1", out _), "b", "1", out _);
        Assert.True(TableFormat.TryReadChange(lost.Succeed(above: 7).Span, out var change));

        var successor = TableState.Empty.Apply(change, out var outcome);

        Assert.Equal((TableOutcome.Done, new TableVersion(7 + TableState.SuccessorJump, 7 + TableState.SuccessorJump)), (outcome, successor.Version));
        Assert.Equal(lost.Rows, successor.Rows);
        Assert.Equal(lost.Bytes, successor.Bytes);
        Assert.Same(lost, lost.Apply(change, out outcome));
        Assert.Equal(TableOutcome.Lost, outcome);
        Assert.True(TableFormat.TryReadChange(lost.Succeed(int.MaxValue).Span, out change));
        Assert.Equal(int.MaxValue, TableState.Empty.Apply(change, out _).Version.Number);
    }
}
