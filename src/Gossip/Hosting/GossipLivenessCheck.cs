using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gossip.Hosting;

/// <summary>Says whether it would help to start the process again: only when the node stopped to work because of an internal error. That others cannot be reached, or the table has no majority, no restart mends.</summary>
internal sealed class GossipLivenessCheck(GossipNode node) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        node.RuntimeOrNull?.Failure is { } failure
            ? HealthCheckResult.Unhealthy("The gossip node stopped to work because of an internal error: start the process again.", failure)
            : HealthCheckResult.Healthy($"The gossip node is {node.State}."));
}
