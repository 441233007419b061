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
        int low = 0, high = Rows.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (string.CompareOrdinal(Rows[middle].Key, key))
            {
                case 0:
                    return Rows[middle];
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return null;
    }
}
