using Gossip.Bench.Agents;
using Gossip.Bench.Clusters;
using Gossip.Bench.Machine;
using Gossip.Bench.Reports;

namespace Gossip.Bench.Measurements;

/// <summary>Two sites are cut from each other until each holds the other dead, and some time longer; measured from the repair until all see all.</summary>
internal static class Healing
{
    /// <summary>Three on one side with the seed, one on the other.</summary>
    public const int Nodes = 4;
    private const int LeftNodes = 3;

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Isolation = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Func<int, Place> PlacesIn(SeverableNetwork network) =>
        number => number < LeftNodes ? new Place(network.Left.Address, network.Left.Namespace) : new Place(network.Right.Address, network.Right.Namespace);

    public static async Task MeasureAsync(Session session, SeverableNetwork network)
    {
        int[] left = [.. Enumerable.Range(0, LeftNodes)];
        int[] right = [.. Enumerable.Range(LeftNodes, Nodes - LeftNodes)];
        int[] all = [.. left, .. right];
        await BurstJoin.MeasureAsync(session, isMeasured: false);
        await session.RestAsync(Settle);
        Demand(await network.CutAsync(), "the network could not be cut");
        await session.DemandAsync(
            () => session.Log.AllSee(left, right, ObservationKind.Dead) && session.Log.AllSee(right, left, ObservationKind.Dead),
            Patience,
            "the sides do not hold each other dead");
        await session.RestAsync(Isolation);
        var repaired = MonotonicClock.Now;
        Demand(await network.HealAsync(), "the network could not be repaired");
        await session.DemandAsync(() => session.Log.AllSee(all, all, ObservationKind.Up), Patience, "a cut did not heal");
        session.Add(Metric.Healing, MonotonicClock.Seconds(repaired, session.Log.Times(all, all).Max()));
    }

    private static void Demand(bool succeeded, string problem)
    {
        if (!succeeded)
        {
            throw new MeasurementException(problem);
        }
    }
}
