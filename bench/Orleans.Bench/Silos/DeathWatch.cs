using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Orleans.Bench.Silos;

/// <summary>Notes when this silo's view first said that another one is dead.</summary>
internal sealed class DeathWatch(IClusterMembershipService membership) : BackgroundService
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _deaths = new(StringComparer.Ordinal);

    public DateTimeOffset? Find(string silo) => _deaths.TryGetValue(silo, out var time) ? time : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var view in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            foreach (var member in view.Members.Values)
            {
                if (member.Status == SiloStatus.Dead)
                {
                    _deaths.TryAdd(member.SiloAddress.ToParsableString(), DateTimeOffset.UtcNow);
                }
            }
        }
    }
}
