using System.Globalization;

namespace Gossip.Simulation;

/// <summary>The end of a campaign, for people.</summary>
internal static class SummaryTable
{
    public static void Write(TextWriter output, IReadOnlyList<Campaign> campaigns)
    {
        output.WriteLine();
        Line(output, $"{"scenario",-16} {"seeds",7} {"failed",6} {"events",13} {"events/s",10} {"x time",8}  worst convergence / bound (seed), runs that needed repair");
        foreach (var campaign in campaigns)
        {
            var worst = campaign.Slowest is { } slowest
                ? string.Create(CultureInfo.InvariantCulture, $"{slowest.Converged.TotalSeconds:F1} s / {slowest.Bound.TotalSeconds:F1} s ({slowest.Seed}), {campaign.Repaired}")
                : "none";
            var speed = campaign.Simulated / campaign.Busy;
            Line(output, $"{campaign.Name,-16} {campaign.Seeds,7} {campaign.Violations.Count,6} {campaign.Events,13:N0} {campaign.EventsPerSecond,10:N0} {speed,8:N0}  {worst}");
        }

        output.WriteLine();
        foreach (var campaign in campaigns)
        {
            var counts = FaultCounts.All.Where(fault => campaign.Counts[fault] > 0).Select(fault => $"{fault} {campaign.Counts[fault].ToString("N0", CultureInfo.InvariantCulture)}");
            Line(output, $"{campaign.Name}: {string.Join(", ", counts)}");
            if (campaign.Counts[Fault.BroadcastExpected] is var expected and > 0)
            {
                Line(output, $"{campaign.Name}: broadcast coverage {(double)campaign.Counts[Fault.BroadcastReceived] / expected:P4}");
            }
        }
    }

    private static void Line(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
