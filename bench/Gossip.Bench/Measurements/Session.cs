using Gossip.Bench.Clusters;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>One life of one cluster, in which several things are measured one after the other.</summary>
internal sealed class Session(Cluster cluster, Side side, ResultSet results, TextWriter log, CancellationToken cancellationToken)
{
    public Cluster Cluster { get; } = cluster;

    public ObservationLog Log => Cluster.Log;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public void Add(Metric metric, double sample)
    {
        results.Add(metric, Cluster.Nodes, side, sample);
        log.WriteLine($"    {metric.Name.Trim()}: {sample:0.###} {metric.Unit}");
    }

    public Task RestAsync(TimeSpan time) => Task.Delay(time, CancellationToken);

    /// <summary>Waits until a condition holds, and gives the measurement up when it does not.</summary>
    public async Task DemandAsync(Func<bool> condition, TimeSpan patience, string problem)
    {
        if (!await ObservationLog.WaitAsync(condition, patience, CancellationToken))
        {
            throw new MeasurementException($"{side}, {Cluster.Nodes} nodes: {problem}");
        }
    }
}
