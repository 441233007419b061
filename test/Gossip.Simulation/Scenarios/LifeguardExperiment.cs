using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// The interval experiment of Lifeguard (Dadgar et al. 2017, §V-D): of 128 members some stop again and again for a while, as on throttled
/// hosts. They may be called dead when they stop for long; but no healthy member may declare a healthy one dead.
/// </summary>
internal sealed class LifeguardExperiment : Scenario
{
    private const int Nodes = 128;

    /// <summary>How many members are sick at once.</summary>
    private static readonly int[] Sick = [1, 4, 8, 12, 16, 20, 24, 28, 32];

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(128);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Pauses go up to 32.8 s, and the times between them to 16.4 s, in steps of two.</summary>
    private const int PauseDoublings = 9;

    private const int IntervalDoublings = 15;

    public override string Name => "lifeguard";

    public override string Story => "1 to 32 of 128 members stop for 0.1 to 32 s, again and again; the healthy declare no healthy one dead";

    public override IReadOnlyList<Fault> EachRun => [Fault.Pause];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Suspicion, Fault.Death, Fault.FalseDeath, Fault.Refutation];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, Nodes, Nodes, GossipProfile.Lan);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        world.FalseVerdictsForbidden = true;
        var pause = ShortestPause * (1 << world.Random.Next(PauseDoublings));
        var interval = ShortestInterval * (1 << world.Random.Next(IntervalDoublings));
        var end = world.Now + Duration.Ticks;
        var sick = ClusterDraw.Pick(world, Sick[world.Random.Next(Sick.Length)]);
        foreach (var node in sick)
        {
            node.IsSick = true;
            world.After(ClusterDraw.Between(world.Random, TimeSpan.Zero, pause + interval), () => Stop(world, node, pause, interval, end));
        }

        world.RunFor(Duration + pause);
        return new ConvergenceBounds(world).Refutation(sick.Length);
    }

    private static void Stop(SimWorld world, SimNode node, TimeSpan pause, TimeSpan interval, long end)
    {
        if (world.Now >= end)
        {
            return;
        }

        world.Pause(node);
        world.After(pause, () =>
        {
            world.Resume(node);
            world.After(interval, () => Stop(world, node, pause, interval, end));
        });
    }
}
