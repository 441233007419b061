using Gossip.Bench.Agents;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>Kills members one after the other; measured until every survivor says dead, and what led there.</summary>
internal static class Detection
{
    private const int Kills = 3;

    /// <summary>A killed member may not be the one that the rest joined through.</summary>
    private const int Survivors = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public static async Task MeasureAsync(Session session)
    {
        for (var kill = 0; kill < Kills && session.Cluster.Living.Count > Survivors; kill++)
        {
            // The rest is not a multiple of the protocol's period, so that kills come at all its phases.
            await session.RestAsync(Rest + (TimeSpan.FromSeconds(1) * Random.Shared.NextDouble()));
            var victim = session.Cluster.Living.Max();
            var killed = session.Cluster.Kill(victim);
            var survivors = session.Cluster.Living;
            await session.DemandAsync(() => session.Log.AllSee(survivors, [victim], ObservationKind.Dead), Patience, "not every survivor says dead");

            double[] times = [.. session.Log.Times(survivors, [victim]).Order().Select(at => MonotonicClock.Seconds(killed, at))];
            session.Add(Metric.FirstDeath, times[0]);
            session.Add(Metric.MedianDeath, times[times.Length / 2]);
            session.Add(Metric.LastDeath, times[^1]);
            await session.RestAsync(TimeSpan.FromMilliseconds(200)); // for the evidence, which agents write after the news
            AddSteps(session, killed, victim);
        }
    }

    /// <summary>Where the time went: only our agents report evidence.</summary>
    private static void AddSteps(Session session, long killed, int victim)
    {
        var evidence = session.Log.Since(killed, ObservationKind.Evidence);
        var timeouts = evidence.Where(item => item.Text == Text(EvidenceKind.DirectProbeTimedOut)).Select(item => item.At).ToArray();
        if (timeouts.Length > 0)
        {
            session.Add(Metric.ProbeTimedOut, MonotonicClock.Seconds(killed, timeouts.Min()));
        }

        var accusers = evidence
            .Where(item => item.Text == Text(EvidenceKind.Accused))
            .GroupBy(item => item.Subject)
            .Select(group => MonotonicClock.Seconds(killed, group.Min(item => item.At)))
            .Order();
        foreach (var (metric, at) in new[] { Metric.FirstAccuser, Metric.SecondAccuser, Metric.ThirdAccuser }.Zip(accusers))
        {
            session.Add(metric, at);
        }

        string Text(EvidenceKind kind) => $"{victim} {kind}";
    }
}
