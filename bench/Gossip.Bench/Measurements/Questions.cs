using System.Globalization;
using Gossip.Bench.Agents;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>One node asks all others a question and waits for all answers. The first time it dials those to whom it has no connection, as whoever asks in earnest does.</summary>
internal static class Questions
{
    private const int Times = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task MeasureAsync(Session session)
    {
        for (var time = 0; time < Times; time++)
        {
            var start = MonotonicClock.Now;
            if (!session.Cluster.TryAskAll())
            {
                return;
            }

            await session.DemandAsync(() => session.Log.Since(start, ObservationKind.Answered).Length > 0, Patience, "the question to all did not end");
            var answered = session.Log.Since(start, ObservationKind.Answered)[0];
            if (answered.Subject != session.Cluster.Nodes - 1)
            {
                throw new Clusters.MeasurementException($"only {answered.Subject} of {session.Cluster.Nodes - 1} answered");
            }

            session.Add(Metric.AskAll, double.Parse(answered.Text, CultureInfo.InvariantCulture));
            await session.RestAsync(TimeSpan.FromSeconds(1));
        }
    }
}
