using Gossip.Bench.Clusters;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>What a cluster costs in which nothing happens: traffic, garbage, processor time and memory.</summary>
internal static class IdleCost
{
    private const double BytesPerMegabyte = 1e6;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public static async Task MeasureAsync(Session session, bool traffic, bool cost)
    {
        var cluster = session.Cluster;
        MemberProcess[] processes = [.. cluster.Running];
        _ = await cluster.ReadUsageAsync(session.CancellationToken); // compiles the reading, so that it does not count
        await session.RestAsync(Rest);
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
            if (usage is { } allocated && usageBefore is { } allocatedBefore)
            {
                // What a node keeps for each peer that it meets for the first time, a cipher and an address, is no garbage.
                var all = allocated.AllocatedBefore - allocatedBefore.AllocatedAfter;
                session.Add(Metric.IdleAllocated, all / seconds);
                session.Add(Metric.IdleGarbage, (all - (allocated.Retained - allocatedBefore.Retained)) / seconds);
            }
        }
    }

    private static TimeSpan Processor(MemberProcess[] processes) =>
        processes.Aggregate(TimeSpan.Zero, (sum, process) => sum + process.Status.ProcessorTime);
}
