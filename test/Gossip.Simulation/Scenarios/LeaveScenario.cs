using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Nodes leave in order, some of them to come back; nobody calls them dead.</summary>
internal sealed class LeaveScenario : Scenario
{
    private const int MinNodes = 3;
    private const int MaxNodes = 40;
    private const int MaxShare = 3;
    private const double MaxLoss = 0.05;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(10);

    /// <summary>Long enough for a farewell to settle, also when it has to be repeated.</summary>
    private static readonly TimeSpan MinGone = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan MaxGone = TimeSpan.FromSeconds(20);

    public override string Name => "leave";

    public override string Story => "nodes leave in order and some rejoin; all say that they left, and nobody that they died";

    public override IReadOnlyList<Fault> EachRun => [Fault.Leave];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Restart, Fault.Dropped];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        world.FalseDeathsForbidden = true;
        ClusterScript.WarmUp(world);
        var calm = world.Network.Conditions;
        world.Network.Conditions = calm with { Loss = ClusterDraw.Between(world.Random, 0, MaxLoss) };
        var leavers = ClusterDraw.Pick(world, 1 + world.Random.Next(Math.Max(1, world.Nodes.Count / MaxShare)));
        var last = TimeSpan.Zero;
        foreach (var leaver in leavers)
        {
            var at = ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase);
            world.After(at, () => world.Leave(leaver));
            last = at > last ? at : last;

            // A seed comes back always: without any, who comes back itself can find nobody.
            if (leaver.IsSeed || world.Random.Next(2) == 0)
            {
                var back = at + ClusterDraw.Between(world.Random, MinGone, MaxGone);
                world.After(back, () => world.Start(leaver));
                last = back > last ? back : last;
            }
        }

        world.RunFor(last);
        world.Network.Conditions = calm;
        return new ConvergenceBounds(world).Meeting;
    }
}
