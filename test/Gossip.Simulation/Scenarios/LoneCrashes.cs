using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// In a cluster where all else is well, hosts lose power one at a time. That costs no survivor its trust in itself, because the helpers that
/// found nothing either say so; and several accusers make it short.
/// </summary>
internal sealed class LoneCrashes : Scenario
{
    public const string SelfTrust = "self-trust";
    public const string SwiftDetection = "swift-detection";

    private const int Nodes = 100;
    private const int Victims = 6;

    private TimeSpan _detection;

    public override string Name => "lone-crashes";

    public override string Story => "hosts lose power one at a time; it is noticed as soon as several accusers allow, and nobody doubts himself for it";

    public override IReadOnlyList<Fault> EachRun => [Fault.Crash, Fault.Suspicion, Fault.Death];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, Nodes, Nodes);

    public override TimeSpan Play(SimWorld world)
    {
        world.FalseDeathsForbidden = true;
        ClusterScript.WarmUp(world);
        var bounds = new ConvergenceBounds(world);
        foreach (var victim in ClusterDraw.Pick(world, Victims))
        {
            world.RunFor(ClusterDraw.Between(world.Random, TimeSpan.Zero, world.Setup.Timing.ProbeInterval));
            world.Crash(victim, silently: true);
            _detection += ViewAgreement.Await(world, bounds.Detection(1) + bounds.Repair);
            DemandTrust(world);
        }

        return bounds.Rumours(1);
    }

    public override void Judge(SimWorld world)
    {
        var mean = _detection / Victims;
        var bound = new ConvergenceBounds(world).MeanDetection;
        if (mean > bound)
        {
            throw new ViolationException(SwiftDetection, $"{mean.TotalSeconds:F1} s on average until a crash is known, and not {bound.TotalSeconds:F1} s");
        }
    }

    private static void DemandTrust(SimWorld world)
    {
        foreach (var node in world.Nodes)
        {
            if (node.IsUp && node.Engine!.AwarenessScore > 0)
            {
                throw new ViolationException(SelfTrust, $"node {node.Index} doubts itself ({node.Engine.AwarenessScore}) because another one died");
            }
        }
    }
}
