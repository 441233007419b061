using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Some links work in one direction only, or not at all, while every node still hears and reaches most others.</summary>
internal sealed class OneWayCut : Scenario
{
    private const int MinNodes = 5;
    private const int MaxNodes = 30;

    /// <summary>Each node takes part in about so many broken links.</summary>
    private const double MinShare = 0.05;

    private const double MaxShare = 0.2;

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);

    public override string Name => "one-way-cut";

    public override string Story => "a part of the links is deaf in one direction or both for a minute";

    public override IReadOnlyList<Fault> EachRun => [Fault.Cut];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Suspicion, Fault.Refutation, Fault.Undeliverable];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        var count = world.Nodes.Count;
        var cuts = Math.Max(1, (int)(count * (count - 1) * ClusterDraw.Between(world.Random, MinShare, MaxShare)));
        for (var i = 0; i < cuts; i++)
        {
            var from = world.Random.Next(count);
            var to = (from + 1 + world.Random.Next(count - 1)) % count;
            if (world.Random.Next(2) == 0)
            {
                world.Network.CutOneWay(from, to);
            }
            else
            {
                world.Network.Cut(from, to);
            }
        }

        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(2), Duration);
        world.RunFor(Duration);
        world.Network.Heal();
        world.Trace.Note("all links work again");
        return new ConvergenceBounds(world).Recovery(Duration);
    }
}
