using System.Collections.Immutable;

namespace Gossip;

/// <summary>A table, or one row of it, at one version: never a mixture of two. Immutable.</summary>
public sealed class TableSnapshot
{
    internal TableSnapshot(TableVersion version, ImmutableArray<TableRow> rows) => (Version, Rows) = (version, rows);

    /// <summary>The version of the whole table.</summary>
    public TableVersion Version { get; }

    /// <summary>The rows in ordinal order of their keys; after <see cref="ITableClient.ReadRowAsync"/> the one row, or none.</summary>
    public ImmutableArray<TableRow> Rows { get; }

    internal static TableSnapshot Empty { get; } = new(default, []);

    /// <summary>Finds a row.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <returns>The row, or null when there is none.</returns>
    public TableRow? Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var index = Search(Rows, key);
        return index >= 0 ? Rows[index] : null;
    }

    /// <summary>Where rows in the order of their keys have a key; the complement of where it belongs when they do not.</summary>
    internal static int Search(IReadOnlyList<TableRow> rows, string key)
    {
        int low = 0, high = rows.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (string.CompareOrdinal(rows[middle].Key, key))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return ~low;
    }
}
