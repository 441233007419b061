using Gossip.Tables;

namespace Gossip;

/// <summary>One place in the one order of all that happens to a table. A write names the version that its caller saw, and fails when there is a later one.</summary>
public readonly record struct TableVersion
{
    /// <summary>Makes a version from what was kept of it, as for an interface that knows only number and etag.</summary>
    /// <param name="number">The number, at least 0.</param>
    /// <param name="etag">The etag. One that no table of this library made is allowed: it is never current, so a write that names it loses.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is negative.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="etag"/> is null.</exception>
    public TableVersion(int number, string etag)
        : this(number, TableEtag.Parse(etag)) => ArgumentOutOfRangeException.ThrowIfNegative(number);

    internal TableVersion(int number, long stamp) => (Number, Stamp) = (number, stamp);

    /// <summary>
    /// Rises by exactly one with each commit, and never falls; 0 while nothing was ever committed. Only the first commit of all may jump, see <see cref="TableOptions.VersionFloor"/>.
    /// </summary>
    public int Number { get; }

    /// <summary>Opaque text, other with each commit, and never null.</summary>
    public string Etag => TableEtag.Of(Stamp);

    /// <summary>Counts commits since the cluster was founded.</summary>
    internal long Stamp { get; }
}
