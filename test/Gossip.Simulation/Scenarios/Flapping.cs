using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>A few nodes come and go for a minute: killed and started, cut off and back, paused and let go on.</summary>
internal sealed class Flapping : Scenario
{
    private const int MinNodes = 4;
    private const int MaxNodes = 25;
    private const int MaxShare = 3;
    private const double MaxLoss = 0.1;

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MinSpell = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxSpell = TimeSpan.FromSeconds(8);

    public override string Name => "flapping";

    public override string Story => "a few nodes are killed, cut off and paused again and again for a minute";

    public override IReadOnlyList<Fault> EachRun => [Fault.Flap];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Suspicion, Fault.Crash, Fault.Restart, Fault.Pause, Fault.Cut, Fault.Death, Fault.FalseDeath, Fault.Refutation, Fault.Revival, Fault.GenerationOutdated];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        var calm = world.Network.Conditions;
        world.Network.Conditions = calm with { Loss = ClusterDraw.Between(world.Random, 0, MaxLoss) };
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), Duration);
        var end = world.Now + Duration.Ticks;
        foreach (var node in ClusterDraw.Pick(world, 1 + world.Random.Next(Math.Max(1, world.Nodes.Count / MaxShare))))
        {
            Fail(world, node, end);
        }

        world.RunFor(Duration + MaxSpell);
        world.Network.Conditions = calm;
        return new ConvergenceBounds(world).Recovery(Duration + MaxSpell) + new ConvergenceBounds(world).Join(world.Nodes.Count);
    }

    /// <summary>After a good spell comes a bad one, and after that the same again.</summary>
    private static void Fail(SimWorld world, SimNode node, long end)
    {
        const int Ways = 3;
        world.After(Spell(world), () =>
        {
            if (world.Now >= end)
            {
                return;
            }

            world.Counts.Count(Fault.Flap);
            Action recover;
            switch (world.Random.Next(Ways))
            {
                case 0:
                    world.Crash(node, silently: world.Random.Next(2) == 0);
                    recover = () => Restart(world, node);
                    break;
                case 1:
                    world.Network.Separate(node.Index, node.Index + 1);
                    recover = () => world.Network.Separate(node.Index, 0);
                    break;
                default:
                    world.Pause(node);
                    recover = () => world.Resume(node);
                    break;
            }

            world.After(Spell(world), () =>
            {
                recover();
                Fail(world, node, end);
            });
        });
    }

    private static void Restart(SimWorld world, SimNode node)
    {
        const long MaxSetBackMicros = 60L * 1_000_000;
        if (world.Random.Next(2) == 0)
        {
            node.WallSkewMicros -= world.Random.NextTicks(MaxSetBackMicros);
        }

        world.Start(node);
    }

    private static TimeSpan Spell(SimWorld world) => ClusterDraw.Between(world.Random, MinSpell, MaxSpell);
}
