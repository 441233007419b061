using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>One or a tenth of the nodes die at once: killed, so that their hosts refuse connections, or with their hosts.</summary>
internal sealed class CrashScenario(string name, int minNodes, int maxNodes, int victims = 0) : Scenario
{
    private const int MassDivisor = 10;

    /// <summary>Zero leaves the number to chance.</summary>
    private readonly int _victims = victims;

    public override string Name => name;

    public override string Story => _victims switch
    {
        0 => "one node or a tenth of all die; the survivors say so, and say it of nobody else",
        1 => "one node of many dies; the survivors say so, and say it of nobody else",
        _ => "a tenth of many nodes die at once; the survivors say so, and say it of nobody else",
    };

    public override IReadOnlyList<Fault> EachRun => [Fault.Crash, Fault.Suspicion, Fault.Death];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Disconnected, Fault.Closed, Fault.Undeliverable];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, minNodes, maxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        world.FalseDeathsForbidden = true;
        ClusterScript.WarmUp(world);
        world.RunFor(ClusterDraw.Between(world.Random, TimeSpan.Zero, world.Setup.Timing.SyncInterval));
        var victims = _victims > 0 ? _victims : world.Random.Next(2) == 0 ? 1 : Math.Max(1, world.Nodes.Count / MassDivisor);
        foreach (var victim in ClusterDraw.Pick(world, victims))
        {
            world.Crash(victim, silently: world.Random.Next(2) == 0);
        }

        return new ConvergenceBounds(world).Detection(victims);
    }
}
