namespace Gossip.Bench.Reports;

/// <summary>All samples of one metric at one size.</summary>
internal sealed class Result(Metric metric, int nodes)
{
    public Metric Metric { get; } = metric;

    /// <summary>The size of the cluster; 0 where there is none.</summary>
    public int Nodes { get; } = nodes;

    public List<double> Ours { get; } = [];

    public List<double> Peers { get; } = [];

    public double? Ratio => Judge(Ours) is { } ours && Judge(Peers) is > 0 and var peer ? ours / peer : null;

    /// <summary>Whether the goal is met; null when there is none, or nothing to hold against it.</summary>
    public bool? IsMet
    {
        get
        {
            if (Judge(Ours) is not { } ours)
            {
                return null;
            }

            bool? absolute = Metric.GoalFor(Nodes) is { } goal ? (Metric.MoreIsBetter ? ours >= goal : ours <= goal) : null;
            bool? relative = Metric.GoalOfPeer is { } part && Ratio is { } ratio ? (Metric.MoreIsBetter ? ratio >= part : ratio <= part) : null;
            return absolute is null ? relative : absolute.Value && relative != false;
        }
    }

    public static double? Median(IReadOnlyCollection<double> samples)
    {
        if (samples.Count == 0)
        {
            return null;
        }

        var sorted = samples.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public double? Worst(IReadOnlyCollection<double> samples) =>
        samples.Count == 0 ? null : Metric.MoreIsBetter ? samples.Min() : samples.Max();

    private double? Judge(IReadOnlyCollection<double> samples) => Metric.Judged == Judged.Worst ? Worst(samples) : Median(samples);
}
