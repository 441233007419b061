namespace Gossip.Tables;

/// <summary>
/// Which rows the latest commits touched, back to a commit from which on nothing is missing. With it a reader that holds an older table of the same register looks at those rows alone, and not at all. Immutable; not
/// part of the value that is agreed on: a table that was decoded begins a trail of its own.
/// </summary>
internal sealed class TableTrail
{
    /// <summary>A trail this long begins anew. A reader must then look at all rows once in so many commits, and the keys of no more are held.</summary>
    public const int MaxLength = 256;

    private readonly TableTrail? _before;
    private readonly string _key;
    private readonly long _stamp;
    private readonly long _start;
    private readonly int _length;

    private TableTrail(TableTrail? before, string key, long stamp, long start, int length) =>
        (_before, _key, _stamp, _start, _length) = (before, key, stamp, start, length);

    /// <summary>The trail of a table whose commits before this one are not known.</summary>
    public static TableTrail From(long stamp) => new(before: null, "", stamp, stamp, length: 0);

    /// <summary>The trail after one more commit.</summary>
    public TableTrail Add(IReadOnlyCollection<string> keys, long stamp)
    {
        if (_length + keys.Count > MaxLength)
        {
            return From(stamp);
        }

        var trail = this;
        foreach (var key in keys)
        {
            trail = new TableTrail(trail, key, stamp, _start, trail._length + 1);
        }

        return trail;
    }

    /// <summary>The keys of the rows that may differ from those of an older table of the same register.</summary>
    /// <param name="stamp">The older table's last commit.</param>
    /// <returns>The keys, each once, in ordinal order; null when the trail does not go back so far.</returns>
    public SortedSet<string>? Since(long stamp)
    {
        if (stamp < _start)
        {
            return null;
        }

        var keys = new SortedSet<string>(StringComparer.Ordinal);
        for (var trail = this; trail is { _length: > 0 } && trail._stamp > stamp; trail = trail._before)
        {
            keys.Add(trail._key);
        }

        return keys;
    }
}
