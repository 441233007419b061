using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>A minute of a bad network, while tags and metadata change.</summary>
internal sealed class LossScenario : Scenario
{
    private const int MinNodes = 3;
    private const int MaxNodes = 40;
    private const double MinLoss = 0.01;
    private const double MaxLoss = 0.3;
    private const double MinDuplication = 0.01;
    private const double MaxDuplication = 0.1;

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);

    public override string Name => "loss";

    public override string Story => "a minute of up to 30 % loss, duplicates and jitter; errors must not stay";

    public override IReadOnlyList<Fault> EachRun => [Fault.Dropped, Fault.Duplicated, Fault.Reordered, Fault.FactChange];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Suspicion, Fault.Refutation, Fault.SyncDifference];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        var calm = world.Network.Conditions;
        world.Network.Conditions = calm with
        {
            Loss = ClusterDraw.Between(world.Random, MinLoss, MaxLoss),
            Duplication = ClusterDraw.Between(world.Random, MinDuplication, MaxDuplication),
            Jitter = ClusterDraw.Between(world.Random, TimeSpan.FromMilliseconds(1), world.Setup.Timing.ProbeTimeout / 4),
        };
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), Duration);
        world.RunFor(Duration);
        world.Network.Conditions = calm;
        return new ConvergenceBounds(world).Recovery(Duration);
    }
}
