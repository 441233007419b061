namespace Node;

/// <summary>What a node shows of itself and of all that it knows.</summary>
internal sealed partial record NodeReport(string Name, string Id, string Address, MemberReport[] Members, TableReport Table, string[] Received, DeathReport[] Deaths, long MemoryBytes, int Handles);

/// <summary>A member, as a node sees it.</summary>
internal sealed record MemberReport(string Name, string Id, string Address, string State, string[] Tags);

/// <summary>The table, as a node knows it.</summary>
internal sealed record TableReport(string Incarnation, int? Version, bool IsInCharge, bool HasSeat, int Acceptors, string Diagnosis);

/// <summary>When a node took another one for dead, by the machine's steady clock, which all its containers share.</summary>
internal sealed record DeathReport(string Name, long At);

/// <summary>What became of a message to one node.</summary>
internal sealed record SendReport(string Id, string Outcome, string? Error);

/// <summary>A silo, as another one sees it.</summary>
internal sealed record SiloReport(string Silo, string Status);

/// <summary>What a grain answered.</summary>
internal sealed record CallReport(long Key, string Activation);

/// <summary>
/// One line of the history of what a node did with the table. Each operation has two, one when it begins and one when it is answered; a number ties them together, and one whose node ends between them has no second. Times are of
/// that clock, too.
/// </summary>
internal sealed record HistoryLine(int Number, string Kind, long Begun, long? Ended = null)
{
    public string? Key { get; init; }

    public string? Value { get; init; }

    /// <summary>The etag of the row that is to be replaced.</summary>
    public string? RowEtag { get; init; }

    /// <summary>The version that a write expects, or that a read saw.</summary>
    public int Version { get; init; }

    public string Etag { get; init; } = "";

    /// <summary>What a write answered.</summary>
    public bool? Won { get; init; }

    /// <summary>What a read saw.</summary>
    public HistoryRow[]? Rows { get; init; }
}

/// <summary>A row that a read saw.</summary>
internal sealed record HistoryRow(string Key, string Value, string Etag);
