using Gossip.Bench.Clusters;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>What a cluster costs in which nothing happens: traffic, garbage, processor time and memory.</summary>
internal static class IdleCost
{
    private const double BytesPerMegabyte = 1e6;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    /// <summary>In each period (of the LAN profile) a node probes another member, so after as many periods as there are members all have met all. What they keep of each other, a cipher and an address, is no garbage.</summary>
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(Session session, bool traffic, bool cost)
    {
        var cluster = session.Cluster;
        MemberProcess[] processes = [.. cluster.Running];
        _ = await cluster.ReadUsageAsync(session.CancellationToken); // compiles the reading, so that it does not count
        await session.RestAsync(ProbePeriod * cluster.Nodes);
        var calibration = await cluster.ReadUsageAsync(session.CancellationToken); // two in a row show what to ask and to answer takes
        var usageBefore = await cluster.ReadUsageAsync(session.CancellationToken);
        var processorBefore = Processor(processes);
        var trafficBefore = LoopbackTraffic.Read(processes[0].Id);
        var begun = MonotonicClock.Now;
        await session.RestAsync(Window);
        var seconds = MonotonicClock.Seconds(begun, MonotonicClock.Now) * cluster.Nodes;
        var loopback = LoopbackTraffic.Read(processes[0].Id) - trafficBefore;
        var processor = Processor(processes) - processorBefore;
        var usage = await cluster.ReadUsageAsync(session.CancellationToken);
        if (traffic)
        {
            session.Add(Metric.IdlePackets, loopback.Packets / seconds);
            session.Add(Metric.IdleBytes, loopback.Bytes / seconds);
            if (usage is { } sent && usageBefore is { } sentBefore)
            {
                session.Add(Metric.IdleDatagramsSent, (sent.DatagramsSent - sentBefore.DatagramsSent) / seconds);
                session.Add(Metric.IdleBytesSent, (sent.DatagramBytesSent - sentBefore.DatagramBytesSent) / seconds);
            }
        }

        if (cost)
        {
            session.Add(Metric.IdleProcessor, processor.TotalMilliseconds / seconds);
            session.Add(Metric.Resident, processes.Average(process => process.Status.ResidentBytes) / BytesPerMegabyte);
            if (usage is { } allocated && usageBefore is { } allocatedBefore && calibration is { } calibrated)
            {
                var reading = allocatedBefore.AllocatedBefore - calibrated.AllocatedAfter;
                session.Add(Metric.IdleGarbage, (allocated.AllocatedBefore - allocatedBefore.AllocatedAfter - reading) / seconds);
            }
        }
    }

    private static TimeSpan Processor(MemberProcess[] processes) =>
        processes.Aggregate(TimeSpan.Zero, (sum, process) => sum + process.Status.ProcessorTime);
}
