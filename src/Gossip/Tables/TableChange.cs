using System.Collections.Immutable;

namespace Gossip.Tables;

/// <summary>A change function of the table. It carries all that it depends on, so that it does the same wherever it is run.</summary>
internal abstract record TableChange;

/// <summary>Adds a row, if there is none with that key and the table is still at the expected version.</summary>
/// <param name="Expected">The version that the caller saw.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The row.</param>
/// <param name="IsTerminal">Whether it is terminal at once.</param>
/// <param name="Floor">The first commit of a table takes at least this version; 0 for none.</param>
internal sealed record InsertRow(TableVersion Expected, string Key, ReadOnlyMemory<byte> Value, bool IsTerminal, int Floor) : TableChange;

/// <summary>Replaces a row, if it is still the one that the caller saw and the table is still at the expected version.</summary>
/// <param name="Expected">The version that the caller saw.</param>
/// <param name="Key">The key.</param>
/// <param name="RowStamp">The stamp of the row that the caller saw.</param>
/// <param name="Value">The new row.</param>
/// <param name="IsTerminal">Whether it is terminal from now on.</param>
internal sealed record UpdateRow(TableVersion Expected, string Key, long RowStamp, ReadOnlyMemory<byte> Value, bool IsTerminal) : TableChange;

/// <summary>Removes those of the rows that are still the ones that the caller saw. Whatever the caller judged them by, such as heartbeats, was decided before.</summary>
/// <param name="Rows">Keys with the stamps of the rows that the caller saw.</param>
internal sealed record RemoveRows(ImmutableArray<(string Key, long Stamp)> Rows) : TableChange;

/// <summary>Removes all rows. The version goes on.</summary>
internal sealed record ClearTable : TableChange;

/// <summary>Fills a table that is still as it was made: the first change of one that succeeds another after losses.</summary>
/// <param name="Version">The version that it has then, above all that anybody may have seen of the lost one.</param>
/// <param name="Rows">The rows with their stamps.</param>
internal sealed record RestoreTable(TableVersion Version, ImmutableArray<(string Key, StoredRow Row)> Rows) : TableChange;

/// <summary>What became of a change.</summary>
internal enum TableOutcome
{
    /// <summary>It happened.</summary>
    Done = 0,

    /// <summary>Somebody else was faster: what the caller saw is no more.</summary>
    Lost = 1,

    /// <summary>There was nothing to do.</summary>
    Nothing = 2,

    /// <summary>The row is terminal, and would not be any more.</summary>
    Terminal = 3,

    /// <summary>The table would hold more than <see cref="TableLimits.MaxBytes"/>.</summary>
    Full = 4,

    /// <summary>The version has reached the end of its range.</summary>
    Exhausted = 5,

    /// <summary>The change could not be read: it is of a newer kind, or damaged.</summary>
    Unknown = 6,
}

/// <summary>The answer to a change.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Version">The version after it.</param>
internal readonly record struct TableResult(TableOutcome Outcome, TableVersion Version);

/// <summary>How much a table holds.</summary>
internal static class TableLimits
{
    /// <summary>The longest key in UTF-8: an address with a generation takes some sixty bytes.</summary>
    public const int MaxKeyBytes = 512;

    /// <summary>The largest row: a silo's entry with all its votes takes one or two thousand bytes.</summary>
    public const int MaxRowBytes = 64 * 1024;

    /// <summary>The largest table, keys and rows together: it must fit one frame, with its results. Ten thousand rows of Orleans take about two million bytes.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    /// <summary>What a row costs beyond its key and its bytes.</summary>
    public const int RowOverhead = 16;
}
