using System.Globalization;
using Gossip.Bench.Clusters;
using Gossip.Bench.Machine;

namespace Gossip.Bench.Measurements;

/// <summary>How many events the simulator of test/ plays in a second on one core: over all its scenarios, and in the slowest.</summary>
internal static class SimulatorSpeed
{
    private const string Seeds = "10";
    private const int EventsField = 3;
    private const int SpeedField = 4;
    private const string Heading = "scenario";

    public static async Task<(double All, double Slowest)> MeasureAsync()
    {
        var project = Path.Combine(SourceTree.FindRoot() ?? throw new MeasurementException("the sources are not there"), "test", "Gossip.Simulation");
        var (succeeded, output) = await ShellCommand.RunAsync("dotnet", "run", "-c", "Release", "--project", project, "--", "--jobs", "1", "--seeds", Seeds);
        var rows = output.Split('\n').SkipWhile(line => !line.StartsWith(Heading, StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.Trim().Length > 0).ToArray();
        if (!succeeded || rows.Length == 0)
        {
            throw new MeasurementException($"the simulator failed: {output}");
        }

        double events = 0, seconds = 0, slowest = double.MaxValue;
        foreach (var row in rows)
        {
            var fields = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var (count, speed) = (Number(fields[EventsField]), Number(fields[SpeedField]));
            events += count;
            seconds += count / speed;
            slowest = Math.Min(slowest, speed);
        }

        return (events / seconds, slowest);
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);
}
