using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Processes end and come back at the same address with the same identity, some with their clocks set back.</summary>
internal sealed class RestartScenario : Scenario
{
    private const int MinNodes = 3;
    private const int MaxNodes = 40;
    private const int MaxShare = 3;
    private const long MaxSetBackMicros = 3600L * 1_000_000;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxDown = TimeSpan.FromSeconds(30);

    public override string Name => "restart";

    public override string Story => "processes restart with a new generation, some with the clock set back; nothing of the old lives stays";

    public override IReadOnlyList<Fault> EachRun => [Fault.Crash, Fault.Restart];

    public override IReadOnlyList<Fault> SomeRun => [Fault.GenerationOutdated, Fault.Death, Fault.Revival];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), Phase);
        var victims = ClusterDraw.Pick(world, 1 + world.Random.Next(Math.Max(1, world.Nodes.Count / MaxShare)));
        var last = Phase; // until then facts change
        foreach (var victim in victims)
        {
            var at = ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase);
            var down = ClusterDraw.Between(world.Random, TimeSpan.FromMilliseconds(1), world.Random.Next(2) == 0 ? MaxDown : TimeSpan.FromSeconds(1));
            var silently = world.Random.Next(2) == 0;
            var setBack = world.Random.Next(2) == 0 ? world.Random.NextTicks(MaxSetBackMicros) : 0;
            world.After(at, () => world.Crash(victim, silently));
            world.After(at + down, () =>
            {
                victim.WallSkewMicros -= setBack;
                world.Start(victim);
            });
            last = at + down > last ? at + down : last;
        }

        world.RunFor(last);
        return new ConvergenceBounds(world).Reunion(last) + new ConvergenceBounds(world).Join(victims.Length);
    }
}
