using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// A minute of loss at a rate that goes from none to 30 % in equal steps from seed to seed, so that both ends are there and a campaign covers
/// the range evenly. A healthy cluster suspects nobody; a lossy one may, and gets over it.
/// </summary>
internal sealed class LossSweep : Scenario
{
    private const int MinNodes = 20;
    private const int MaxNodes = 60;
    private const int Steps = 7;
    private const double StepLoss = 0.05;

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(1);

    private double _loss;

    public override string Name => "loss-sweep";

    public override string Story => "a minute of 0, 5, ... 30 % loss, a step for each seed; without loss nobody is suspected, with it nobody stays so";

    public override IReadOnlyList<Fault> EachRun => _loss > 0 ? [Fault.Dropped, Fault.FactChange] : [Fault.FactChange];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Dropped, Fault.Suspicion, Fault.Refutation];

    /// <summary>With up to 30 % lost for a minute, every copy of some rumour misses somebody in 7 to 9 of 100 runs (measured in 900); the limit leaves a campaign room.</summary>
    public override double RepairShare => 0.12;

    public override SimSetup Draw(ulong seed, SeededRandom random)
    {
        _loss = (seed % Steps) * StepLoss;
        return ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);
    }

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        var calm = world.Network.Conditions;
        world.Network.Conditions = calm with { Loss = _loss };
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), Duration);
        world.RunFor(Duration);
        world.Network.Conditions = calm;
        if (_loss == 0 && world.Counts[Fault.Suspicion] > 0)
        {
            throw new ViolationException("healthy-calm", $"{world.Counts[Fault.Suspicion]} suspicions in a cluster where nothing was wrong");
        }

        return new ConvergenceBounds(world).Recovery(Duration);
    }
}
