using System.Globalization;

namespace Gossip.Metadata;

/// <summary>Moments as text: written as RFC 3339, and read from that and from the other forms that people write.</summary>
internal static class TimeText
{
    private const string Rfc3339Utc = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";
    private const string Rfc3339 = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz";
    private const int MaxFractionDigits = 7; // .NET counts ticks of 100 ns

    private static readonly string[] Formats = [Rfc3339Utc, Rfc3339, "r", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd"];

    public static string Format(DateTimeOffset time) =>
        time.ToString(time.Offset == TimeSpan.Zero ? Rfc3339Utc : Rfc3339, CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(CutFraction(text), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    // Other languages write nanoseconds.
    private static string CutFraction(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point < 0)
        {
            return text;
        }

        var end = point + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        var keep = Math.Min(end, point + 1 + MaxFractionDigits);
        return text.Remove(keep, end - keep);
    }
}
