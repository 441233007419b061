using System.Globalization;
using Gossip.Tests;

namespace Gossip.Containers.Tests;

/// <summary>How long a test runs that takes too long to be run each time: an environment variable says so, such as <c>20m</c>.</summary>
internal static class TimeOption
{
    private static readonly Dictionary<char, TimeSpan> Units = new()
    {
        ['s'] = TimeSpan.FromSeconds(1),
        ['m'] = TimeSpan.FromMinutes(1),
        ['h'] = TimeSpan.FromHours(1),
    };

    /// <summary>The time, or the test is skipped.</summary>
    public static TimeSpan Demand(string variable, string example)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        Skipping.Unless(!string.IsNullOrEmpty(text), $"It runs for as long as {variable} says: {example} for instance, with s, m or h.");
        return Units.TryGetValue(text![^1], out var unit)
            && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count > 0
                ? unit * count
                : throw new FormatException($"{variable} is '{text}': say {example} for instance, with s, m or h.");
    }
}
