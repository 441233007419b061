using System.Globalization;

namespace Gossip.Tables;

/// <summary>Stamps as opaque text.</summary>
internal static class TableEtag
{
    /// <summary>The stamp of an etag that no table made: no commit ever has it.</summary>
    public const long Foreign = -1;

    public static string Of(long stamp) => stamp == Foreign ? "?" : stamp.ToString(CultureInfo.InvariantCulture);

    /// <summary>Only the exact text that was handed out is an etag: "+7" and "07" are not "7".</summary>
    public static long Parse(string etag)
    {
        ArgumentNullException.ThrowIfNull(etag);
        return long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var stamp) && Of(stamp) == etag ? stamp : Foreign;
    }
}
