using System.Globalization;

namespace Gossip.Simulation;

/// <summary>
/// How far the bounds are from what happens. A bound that is many times the worst run notices little; one that is close to it fails by chance.
/// </summary>
internal static class BoundsTable
{
    /// <summary>A bound may be so many times the worst of a thousand runs.</summary>
    private const double Loosest = 2;

    public static void Write(TextWriter output, IReadOnlyList<Campaign> campaigns)
    {
        output.WriteLine();
        Line(output, $"{"scenario",-16} {"seeds",7} {"worst s",9} {"bound s",9} {"bound/worst",12} {"repaired",9} {"repair s",9}");
        foreach (var campaign in campaigns)
        {
            // Where all agreed as soon as the calm began there is nothing to compare a bound with.
            if (campaign.Slowest is { } slowest && slowest.Converged > TimeSpan.Zero)
            {
                var ratio = slowest.Bound / slowest.Converged;
                Line(output, $"{campaign.Name,-16} {campaign.Seeds,7} {slowest.Converged.TotalSeconds,9:F1} {slowest.Bound.TotalSeconds,9:F1} {ratio,12:F2} {campaign.Repaired,9} {campaign.LongestRepair.TotalSeconds,9:F1}{(ratio > Loosest ? "  loose" : "")}");
            }
        }
    }

    private static void Line(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
