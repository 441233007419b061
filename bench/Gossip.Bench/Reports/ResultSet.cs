namespace Gossip.Bench.Reports;

/// <summary>Whose sample it is.</summary>
internal enum Side
{
    Ours,
    Peer,
}

/// <summary>Gathers samples.</summary>
internal sealed class ResultSet
{
    private readonly Dictionary<(Metric Metric, int Nodes), Result> _results = [];

    public IEnumerable<Result> All => _results.Values.OrderBy(result => result.Metric.Target).ThenBy(result => result.Nodes);

    public void AddAll(Metric metric, int nodes, Side side, IEnumerable<double> samples)
    {
        foreach (var sample in samples)
        {
            Add(metric, nodes, side, sample);
        }
    }

    public void Add(Metric metric, int nodes, Side side, double sample)
    {
        if (!_results.TryGetValue((metric, nodes), out var result))
        {
            _results[(metric, nodes)] = result = new Result(metric, nodes);
        }

        (side == Side.Ours ? result.Ours : result.Peers).Add(sample);
    }
}
