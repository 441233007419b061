using System.Text;
using Gossip.Node;
using Gossip.Simulation;
using Gossip.Simulation.Registers;
using Gossip.Tables;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>The quick check of histories says what the exact search says, and each planted bug is seen by both.</summary>
public sealed class TableHistoryCheckTests
{
    private const int Histories = 300;
    private const int Clients = 3;
    private const int Operations = 12;

    [Fact]
    public void Histories_of_a_real_table_pass_both()
    {
        for (ulong seed = 1; seed <= Histories; seed++)
        {
            var history = Play(seed);
            Assert.True(LinearizationSearch.IsLinearizable(history), $"seed {seed}");
            TableHistoryCheck.Check(history);
        }
    }

    [Fact]
    public void What_the_quick_check_refuses_has_no_order()
    {
        var refused = 0;
        for (ulong seed = 1; seed <= Histories; seed++)
        {
            var history = Play(seed);
            Damage(history, new SeededRandom(~seed));
            try
            {
                TableHistoryCheck.Check(history);
            }
            catch (ViolationException e)
            {
                refused++;
                Assert.False(LinearizationSearch.IsLinearizable(history), $"seed {seed}: {e.Message}");
            }
        }

        Assert.True(refused > Histories / 4, $"only {refused} were refused");
    }

    [Fact]
    public void A_stale_read_is_seen()
    {
        var (one, two) = Tables();
        AssertSeen(TableHistoryCheck.StaleRead, [Insert(0, 1, "a", 0, Done(1)), Insert(2, 3, "b", 1, Done(2)), Read(4, 5, one), Read(6, 7, two)]);
    }

    [Fact]
    public void A_lost_write_is_seen()
    {
        var one = Table("a");
        var without = new TableState { Version = new TableVersion(2, 2), Rows = one.Rows, Bytes = one.Bytes };
        AssertSeen(TableHistoryCheck.LostWrite, [Insert(0, 1, "a", 0, Done(1)), Insert(2, 3, "b", 1, Done(2)), Read(4, 5, without)]);
    }

    [Fact]
    public void A_double_winner_is_seen() =>
        AssertSeen(TableHistoryCheck.DoubleWinner, [Insert(0, 5, "a", 0, Done(1)), Insert(1, 5, "b", 0, Done(1))]);

    [Fact]
    public void A_skipped_version_is_seen()
    {
        AssertSeen(TableHistoryCheck.SkippedVersion, [Insert(0, 1, "a", 0, Done(2))]);
        var (one, two) = Tables();
        AssertSeen(TableHistoryCheck.SkippedVersion, [Insert(0, 1, "a", 0, Done(1)), Read(2, 3, new TableState { Version = new TableVersion(2, 2), Rows = one.Rows, Bytes = one.Bytes })]);
        Assert.NotEqual(one.Version, two.Version);
    }

    [Fact]
    public void A_torn_read_is_seen()
    {
        var (one, two) = Tables();
        var torn = new TableState { Version = two.Version, Rows = one.Rows, Bytes = one.Bytes };
        AssertSeen(TableHistoryCheck.TornRead, [Insert(0, 1, "a", 0, Done(1)), Insert(2, 3, "b", 1, Done(2)), Read(4, 5, two), Read(6, 7, torn)]);
    }

    [Fact]
    public void Who_lost_against_nobody_is_seen() =>
        AssertSeen(TableHistoryCheck.Causality, [Insert(0, 1, "a", 0, new TableResult(TableOutcome.Lost, default))]);

    private static void AssertSeen(string rule, List<TableOperation> history)
    {
        Assert.Equal(rule, Assert.Throws<ViolationException>(() => TableHistoryCheck.Check(history)).Rule);
        Assert.False(LinearizationSearch.IsLinearizable(history));
    }

    /// <summary>Clients that overlap, at a table that does one thing at some moment of each operation; some never hear of it.</summary>
    private static List<TableOperation> Play(ulong seed)
    {
        var random = new SeededRandom(seed);
        var table = TableState.Empty;
        var history = new TableHistory();
        var known = new TableState[Clients];
        Array.Fill(known, table);
        var busy = new (TableOperation Operation, int Step)?[Clients];
        for (var now = 1; now < 500; now++)
        {
            var client = random.Next(Clients);
            if (busy[client] is not { } at)
            {
                if (history.Operations.Count < Operations)
                {
                    busy[client] = (Draw(history, client, now, known[client], random), 0);
                }

                continue;
            }

            if (at.Step == 0)
            {
                busy[client] = (at.Operation, 1);
                if (at.Operation.Kind == TableOperationKind.Read)
                {
                    at.Operation.Seen = known[client] = table;
                }
                else
                {
                    table = table.Apply(ChangeOf(at.Operation), out var outcome);
                    at.Operation.Result = new TableResult(outcome, table.Version);
                }

                continue;
            }

            var isAnswered = at.Operation.Kind == TableOperationKind.Read || random.Next(6) > 0;
            at.Operation.Ended = isAnswered ? now : long.MaxValue;
            busy[client] = null;
        }

        foreach (var unread in history.Operations.Where(operation => !operation.IsAnswered))
        {
            unread.Seen = null;
        }

        return [.. history.Operations];
    }

    private static TableOperation Draw(TableHistory history, int client, long now, TableState known, SeededRandom random)
    {
        var text = $"{client}.{now}";
        var kind = known.Rows.IsEmpty ? random.Next(2) : random.Next(4);
        var operation = history.Begin(client, (TableOperationKind)kind, now);
        operation.Expected = known.Version;
        if (kind == (int)TableOperationKind.Insert)
        {
            (operation.Key, operation.Value) = (text, text);
        }
        else if (kind != (int)TableOperationKind.Read)
        {
            var (key, row) = known.Rows.ElementAt(random.Next(known.Rows.Count));
            (operation.Key, operation.RowStamp, operation.Value) = (key, row.Stamp, kind == (int)TableOperationKind.Update ? text : "");
        }

        return operation;
    }

    private static TableChange ChangeOf(TableOperation operation) => operation.Kind switch
    {
        TableOperationKind.Insert => new InsertRow(operation.Expected, operation.Key, Encoding.UTF8.GetBytes(operation.Value), IsTerminal: false, Floor: 0),
        TableOperationKind.Update => new UpdateRow(operation.Expected, operation.Key, operation.RowStamp, Encoding.UTF8.GetBytes(operation.Value), IsTerminal: false),
        _ => new RemoveRows([(operation.Key, operation.RowStamp)]),
    };

    /// <summary>Gives one read the sight of another, or one winner the version of another.</summary>
    private static void Damage(List<TableOperation> history, SeededRandom random)
    {
        var reads = history.Where(operation => operation.Seen is not null).ToList();
        var winners = history.Where(operation => operation.IsCommit).ToList();
        if (reads.Count > 1 && random.Next(2) == 0)
        {
            reads[random.Next(reads.Count)].Seen = reads[random.Next(reads.Count)].Seen;
        }
        else if (winners.Count > 1)
        {
            winners[random.Next(winners.Count)].Result = winners[random.Next(winners.Count)].Result;
        }
    }

    private static TableState Table(params string[] keys) => keys.Aggregate(
        TableState.Empty,
        (table, key) => table.Apply(new InsertRow(table.Version, key, Encoding.UTF8.GetBytes(key), IsTerminal: false, Floor: 0), out _));

    private static (TableState One, TableState Two) Tables() => (Table("a"), Table("a", "b"));

    private static TableResult Done(int version) => new(TableOutcome.Done, new TableVersion(version, version));

    private static TableOperation Read(long begun, long ended, TableState seen) =>
        new() { Index = (int)begun, Client = 0, Kind = TableOperationKind.Read, Begun = begun, Ended = ended, Seen = seen };

    private static TableOperation Insert(long begun, long ended, string key, int expected, TableResult result) =>
        new() { Index = (int)begun, Client = 0, Kind = TableOperationKind.Insert, Begun = begun, Ended = ended, Key = key, Value = key, Expected = new TableVersion(expected, expected), Result = result };
}
