using System.Globalization;
using Gossip.Bench.Agents;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>One small broadcast to all, from when the sender itself reports it, so that the way to the sender does not count.</summary>
internal static class BroadcastLatency
{
    private const int Broadcasts = 3;
    private const int Sender = 0;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static async Task MeasureAsync(Session session)
    {
        for (var number = 0; number < Broadcasts; number++)
        {
            var name = number.ToString(CultureInfo.InvariantCulture);
            await session.Cluster.BroadcastAsync(number);
            var complete = await AwaitAllAsync(session, name);
            var heard = Heard(session, name);
            if (!heard.TryGetValue(Sender, out var sent))
            {
                throw new Clusters.MeasurementException("the sender did not report its broadcast");
            }

            double[] arrivals = [.. heard.Where(item => item.Key != Sender).Select(item => MonotonicClock.Milliseconds(sent, item.Value)).Order()];
            session.Add(Metric.Coverage, complete ? 0 : session.Cluster.Living.Count - heard.Count);
            if (arrivals.Length > 0)
            {
                session.Add(Metric.MedianArrival, arrivals[arrivals.Length / 2]);
                session.Add(Metric.LastArrival, arrivals[^1]);
            }

            await session.RestAsync(TimeSpan.FromSeconds(1));
        }
    }

    private static Task<bool> AwaitAllAsync(Session session, string name) =>
        Clusters.ObservationLog.WaitAsync(() => Heard(session, name).Count == session.Cluster.Living.Count, Patience, session.CancellationToken);

    private static Dictionary<int, long> Heard(Session session, string name) =>
        session.Log.Since(0, ObservationKind.Heard).Where(item => item.Text == name).GroupBy(item => item.Observer).ToDictionary(group => group.Key, group => group.Min(item => item.At));
}
