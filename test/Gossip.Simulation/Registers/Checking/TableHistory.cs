using Gossip.Tables;

namespace Gossip.Simulation.Registers;

internal enum TableOperationKind
{
    Read,
    Insert,
    Update,
    Remove,
}

/// <summary>One operation of one client, as the client saw it.</summary>
internal sealed class TableOperation
{
    public required int Index { get; init; }

    public required int Client { get; init; }

    public required TableOperationKind Kind { get; init; }

    public required long Begun { get; init; }

    /// <summary>When the answer came; never, if it did not.</summary>
    public long Ended { get; set; } = long.MaxValue;

    public TableVersion Expected { get; set; }

    public string Key { get; set; } = "";

    public string Value { get; set; } = "";

    public long RowStamp { get; set; }

    /// <summary>At least which version an insertion makes if it is the first commit of all.</summary>
    public int Floor { get; set; }

    /// <summary>What a change answered.</summary>
    public TableResult Result { get; set; }

    /// <summary>What a read saw.</summary>
    public TableState? Seen { get; set; }

    public bool IsAnswered => Ended != long.MaxValue;

    public bool IsCommit => IsAnswered && Kind != TableOperationKind.Read && Result.Outcome == TableOutcome.Done;

    public override string ToString() => $"{Index}: {Kind} of {Client} at {Trace.Seconds(Begun):F4}..{(IsAnswered ? Trace.Seconds(Ended) : double.PositiveInfinity):F4} {Key}={Value} expecting {Expected.Number} -> {Result.Outcome} {(Seen?.Version ?? Result.Version).Number}";
}

/// <summary>All operations of all clients, in the order in which they began.</summary>
internal sealed class TableHistory
{
    private readonly List<TableOperation> _operations = [];

    public IReadOnlyList<TableOperation> Operations => _operations;

    public TableOperation Begin(int client, TableOperationKind kind, long now)
    {
        var operation = new TableOperation { Index = _operations.Count, Client = client, Kind = kind, Begun = now };
        _operations.Add(operation);
        return operation;
    }
}
