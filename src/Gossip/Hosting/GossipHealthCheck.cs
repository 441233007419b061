using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gossip.Hosting;

/// <summary>
/// Says whether the node takes part. Healthy: it runs, and knows others if it should. Degraded: its seeds are configured and it
/// knows nobody, or it doubts its own health. Unhealthy: it does not run.
/// </summary>
/// <remarks>
/// Of a node with a table it also says whether calls to the table can succeed, as far as the node knows without asking. Unhealthy: the table is not founded, or fewer than a majority of its acceptors serve. Degraded: a majority
/// serves, and not all do, so that one more loss may be one too many. To start a process again helps against none of this: it is a check of readiness, not of liveness.
/// </remarks>
internal sealed class GossipHealthCheck(GossipNode node) : IHealthCheck
{
    /// <summary>From half of the worst score on a node is more likely sick than unlucky.</summary>
    private const int DoubtfulScore = 4;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (node.State != GossipNodeState.Running || node.RuntimeOrNull is not { } runtime)
        {
            return HealthCheckResult.Unhealthy($"The gossip node is {node.State}.");
        }

        if (runtime.Failure is { } failure)
        {
            return HealthCheckResult.Unhealthy("The gossip node stopped to work because of an internal error.", failure);
        }

        var score = await node.GetHealthScoreAsync(cancellationToken).ConfigureAwait(false);
        var view = node.View;
        var present = view.Present.Count();
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["node"] = view.Local.Instance.ToString(),
            ["present"] = present,
            ["suspect"] = view.InState(MemberState.Suspect).Count(),
            ["dead"] = view.InState(MemberState.Dead).Count(),
            ["healthScore"] = score,
        };
        if (runtime.Table is not null)
        {
            var table = await node.GetTableStatusAsync(cancellationToken).ConfigureAwait(false);
            data["tableEpoch"] = table.Epoch;
            data["tableAcceptors"] = table.Acceptors.Length;
            data["tableAcceptorsServing"] = table.Acceptors.Count(acceptor => acceptor.State == TableAcceptorState.Serving);
            data["tableSeat"] = table.HasSeat;
            if (!table.HasQuorum)
            {
                return HealthCheckResult.Unhealthy($"The table has no quorum. {table.Diagnosis}", data: data);
            }

            if (table.Diagnosis.Length > 0)
            {
                return HealthCheckResult.Degraded($"The table lacks an acceptor. {table.Diagnosis}", data: data);
            }
        }

        var summary = string.Create(CultureInfo.InvariantCulture, $"{present} members take part.");
        if (present == 1 && !runtime.SeedsAreGuesses)
        {
            return HealthCheckResult.Degraded("No seed was reached: the node is alone. The log says what each seed answered.", data: data);
        }

        return score >= DoubtfulScore
            ? HealthCheckResult.Degraded($"{summary} This node misses answers: it may be overloaded, or its network may be failing.", data: data)
            : HealthCheckResult.Healthy(summary, data);
    }
}
