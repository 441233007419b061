using Gossip.Bench.Agents;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>Pauses some members again and again, as an overloaded host does; counts what is said of the others, and of them.</summary>
internal static class FalseDeaths
{
    private const int Cycles = 4;

    /// <summary>One in so many is paused.</summary>
    private const int PausedDivisor = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(4);

    public static async Task MeasureAsync(Session session)
    {
        await session.RestAsync(Between);
        var paused = session.Cluster.Living.OrderDescending().Take(Math.Max(1, session.Cluster.Living.Count / PausedDivisor)).ToHashSet();
        var begun = MonotonicClock.Now;
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            await session.Cluster.PauseAsync(paused);
            await session.RestAsync(Pause);
            await session.Cluster.ResumeAsync(paused);
            await session.RestAsync(Between);
        }

        await session.RestAsync(Aftermath);
        var deaths = session.Log.Since(begun, ObservationKind.Dead);
        session.Add(Metric.FalseDeaths, deaths.Where(death => !paused.Contains(death.Subject)).Count(death => session.Cluster.Living.Contains(death.Subject)));
        session.Add(Metric.PausedDeaths, deaths.Count(death => paused.Contains(death.Subject)));
    }
}
