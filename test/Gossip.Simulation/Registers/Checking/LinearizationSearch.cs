using System.Text;
using Gossip.Tables;

namespace Gossip.Simulation.Registers;

/// <summary>
/// Looks for one order of all operations that explains every answer (Wing and Gong 1993; states are remembered as in Lowe 2017). Exact, and so dear: for
/// small histories, to check the quick check.
/// </summary>
internal sealed class LinearizationSearch
{
    private const int MaxOperations = 63;

    private readonly IReadOnlyList<TableOperation> _operations;
    private readonly HashSet<(ulong Done, string State)> _seen = [];

    private LinearizationSearch(IReadOnlyList<TableOperation> operations) => _operations = operations;

    public static bool IsLinearizable(IReadOnlyList<TableOperation> operations)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(operations.Count, MaxOperations);
        return new LinearizationSearch(operations).Search(0, TableState.Empty);
    }

    private bool Search(ulong done, TableState table)
    {
        var open = Enumerable.Range(0, _operations.Count).Where(i => (done & (1UL << i)) == 0).ToList();
        if (open.TrueForAll(i => !_operations[i].IsAnswered))
        {
            return true; // what nobody was told of need not have happened
        }

        if (!_seen.Add((done, Convert.ToHexString(TableFormat.Encode(table)))))
        {
            return false;
        }

        // Only what began before any of the others ended can be the next.
        var first = open.Min(i => _operations[i].Ended);
        foreach (var i in open.Where(i => _operations[i].Begun <= first))
        {
            if (Run(_operations[i], table) is { } after && Search(done | (1UL << i), after))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The table after an operation; null when that would have been answered otherwise.</summary>
    private static TableState? Run(TableOperation operation, TableState table)
    {
        if (operation.Kind == TableOperationKind.Read)
        {
            var isSame = operation.Seen is null || (operation.Seen.Version == table.Version && operation.Seen.Rows.SequenceEqual(table.Rows));
            return isSame ? table : null;
        }

        var after = table.Apply(ChangeOf(operation), out var outcome);
        var isTrue = !operation.IsAnswered || (outcome == operation.Result.Outcome && (outcome != TableOutcome.Done || after.Version == operation.Result.Version));
        return isTrue ? after : null;
    }

    private static TableChange ChangeOf(TableOperation operation) => operation.Kind switch
    {
        TableOperationKind.Insert => new InsertRow(operation.Expected, operation.Key, Encoding.UTF8.GetBytes(operation.Value), IsTerminal: false, Floor: 0),
        TableOperationKind.Update => new UpdateRow(operation.Expected, operation.Key, operation.RowStamp, Encoding.UTF8.GetBytes(operation.Value), IsTerminal: false),
        _ => new RemoveRows([(operation.Key, operation.RowStamp)]),
    };
}
