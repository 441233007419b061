using System.Collections.Concurrent;
using Gossip;
using Microsoft.Extensions.Hosting;
using Orleans.Clustering.Gossip;

namespace OrleansCluster.Silos;

/// <summary>Notes when this silo learned of deaths: from its gossip node, and from Orleans' own membership, which decides.</summary>
internal sealed class DeathRecord(GossipNode node, GossipSilos silos, IClusterMembershipService membership) : BackgroundService
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _byGossip = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _byOrleans = new(StringComparer.Ordinal);

    public Death Find(string silo) => new(Find(_byGossip, silo), Find(_byOrleans, silo));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(WatchGossipAsync(stoppingToken), WatchOrleansAsync(stoppingToken));

    private async Task WatchGossipAsync(CancellationToken stop)
    {
        await foreach (var change in node.WatchAsync(stop))
        {
            if (change.Current is { State: MemberState.Dead } dead && silos.SiloOf(dead.Id) is { } silo)
            {
                Note(_byGossip, silo);
            }
        }
    }

    private async Task WatchOrleansAsync(CancellationToken stop)
    {
        await foreach (var view in membership.MembershipUpdates.WithCancellation(stop))
        {
            foreach (var member in view.Members.Values.Where(static member => member.Status == SiloStatus.Dead))
            {
                Note(_byOrleans, member.SiloAddress);
            }
        }
    }

    private static void Note(ConcurrentDictionary<string, DateTimeOffset> times, SiloAddress silo) => times.TryAdd(silo.ToParsableString(), DateTimeOffset.UtcNow);

    private static DateTimeOffset? Find(ConcurrentDictionary<string, DateTimeOffset> times, string silo) => times.TryGetValue(silo, out var time) ? time : null;
}
