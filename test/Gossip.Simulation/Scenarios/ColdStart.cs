using System.Globalization;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>All processes of a cluster start at once and ask one of them, which may be the last to start.</summary>
internal sealed class ColdStart(int nodes) : Scenario
{
    /// <summary>From so many nodes on a run takes minutes.</summary>
    private const int Many = 1000;

    public override string Name => string.Create(CultureInfo.InvariantCulture, $"cold-start-{nodes}");

    public override string Story => string.Create(CultureInfo.InvariantCulture, $"{nodes} processes start within a second and join one seed");

    public override bool OnDemand => nodes >= Many;

    public override IReadOnlyList<Fault> EachRun => [Fault.SyncDifference];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Undeliverable, Fault.Reordered];

    public override SimSetup Draw(ulong seed, SeededRandom random) => nodes < Many
        ? ClusterDraw.Draw(seed, random, nodes, nodes)
        : ClusterDraw.Draw(seed, random, nodes, nodes, GossipProfile.Lan);

    public override TimeSpan Play(SimWorld world)
    {
        world.FalseDeathsForbidden = true;
        ClusterScript.Seed(world, 1);
        ClusterScript.StartAll(world);
        return new ConvergenceBounds(world).Join(nodes);
    }
}
