using System.Globalization;

namespace Gossip.Tables;

/// <summary>The one order of all that happens to a table.</summary>
/// <param name="Number">Rises by exactly one with each commit, and never falls.</param>
/// <param name="Stamp">Counts commits since the cluster was founded; as text it is the etag of the version.</param>
internal readonly record struct TableVersion(int Number, long Stamp)
{
    public string Etag => Stamp.ToString(CultureInfo.InvariantCulture);
}
