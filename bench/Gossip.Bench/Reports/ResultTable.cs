using System.Globalization;

namespace Gossip.Bench.Reports;

/// <summary>The results for people, as a table in Markdown.</summary>
internal static class ResultTable
{
    private const string None = "–";
    private const int SignificantDigits = 3;

    public static void Write(TextWriter output, ResultSet results, IEnumerable<string> notes, bool peer)
    {
        output.WriteLine();
        output.WriteLine("| # | what | N | unit | ours: median (worst) | peer: median (worst) | ratio | goal | met |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var result in results.All)
        {
            var met = result.IsMet switch { true => "yes", false => "no", null => None };
            var nodes = result.Nodes == 0 ? None : result.Nodes.ToString(CultureInfo.InvariantCulture);
            var target = result.Metric.Target == 0 ? None : $"{result.Metric.Target}";
            output.WriteLine(
                $"| {target} | {result.Metric.Name.Trim()} | {nodes} | {result.Metric.Unit} | {Samples(result, result.Ours)} | {Samples(result, result.Peers)} | {Number(result.Ratio)} | {Goal(result)} | {met} |");
        }

        output.WriteLine();
        foreach (var note in notes)
        {
            output.WriteLine($"- {note}");
        }

        if (!peer)
        {
            output.WriteLine("- The peer was left out on demand.");
        }
    }

    private static string Samples(Result result, List<double> samples) =>
        samples.Count == 0 ? None : $"{Number(Result.Median(samples))} ({Number(result.Worst(samples))})";

    private static string Goal(Result result)
    {
        var sign = result.Metric.MoreIsBetter ? "≥" : "≤";
        var absolute = result.Metric.GoalFor(result.Nodes) is { } goal ? $"{sign} {Number(goal)}" : "";
        var relative = result.Metric.GoalOfPeer is { } part ? $"{sign} {Number(part)} × peer" : "";
        var both = string.Join(", ", new[] { absolute, relative }.Where(text => text.Length > 0));
        return both.Length > 0 ? both : None;
    }

    private static string Number(double? value)
    {
        if (value is not { } number)
        {
            return None;
        }

        var whole = Math.Abs(number) < 1 ? 1 : (int)Math.Floor(Math.Log10(Math.Abs(number))) + 1;
        return number.ToString($"#,0.{new string('#', Math.Max(0, SignificantDigits - whole))}", CultureInfo.InvariantCulture);
    }
}
