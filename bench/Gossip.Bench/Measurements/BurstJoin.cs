using Gossip.Bench.Agents;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>All but the seed join through the seed at once; measured until all see all.</summary>
internal static class BurstJoin
{
    private const double Percent = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="session">Where.</param>
    /// <param name="isMeasured">False when the join is only the beginning of another measurement.</param>
    public static async Task MeasureAsync(Session session, bool isMeasured)
    {
        var cluster = session.Cluster;
        await cluster.PrepareAsync(session.CancellationToken);
        session.Add(Metric.Load, await ProcessorLoad.AwaitCalmAsync(session.CancellationToken) * Percent);
        var begun = MonotonicClock.Now;
        cluster.JoinOthers();
        var all = cluster.Living;
        await session.DemandAsync(() => session.Log.AllSee(all, all, ObservationKind.Up), Patience, "not all see all after a burst join");
        if (isMeasured)
        {
            session.Add(Metric.BurstJoin, MonotonicClock.Seconds(begun, session.Log.Times(all, all).Max()));
        }
    }
}
