using System.Collections.Concurrent;
using System.Diagnostics;
using Gossip;

namespace Node;

/// <summary>Keeps whom this node ever took for dead, and since when.</summary>
internal sealed class Deaths(GossipNode node) : BackgroundService
{
    private readonly ConcurrentQueue<DeathReport> _all = new();

    public DeathReport[] All => [.. _all];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in node.WatchAsync(stoppingToken))
        {
            if (change is { Kind: ClusterChangeKind.Added or ClusterChangeKind.StateChanged, Current: { State: MemberState.Dead } dead })
            {
                _all.Enqueue(new DeathReport(NodeReport.NameOf(dead.Metadata), Stopwatch.GetTimestamp()));
            }
        }
    }
}
