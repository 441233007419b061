using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Processes stop for a while, as under a debugger or on a throttled host, and go on as if no time had passed.</summary>
internal sealed class PauseScenario : Scenario
{
    private const int MinNodes = 3;
    private const int MaxNodes = 40;
    private const int MaxShare = 3;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    public override string Name => "pause";

    public override string Story => "processes stop for up to half a minute and go on; errors must not stay";

    public override IReadOnlyList<Fault> EachRun => [Fault.Pause];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Suspicion, Fault.FalseDeath, Fault.Refutation, Fault.Revival];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(2), Phase);
        var last = Phase; // until then facts change
        var paused = ClusterDraw.Pick(world, 1 + world.Random.Next(Math.Max(1, world.Nodes.Count / MaxShare)));
        foreach (var node in paused)
        {
            var at = ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase);
            world.After(at, () => world.Pause(node));
            var end = at + ClusterDraw.Between(world.Random, MinPause, MaxPause);
            world.After(end, () => world.Resume(node));
            last = end > last ? end : last;
        }

        world.RunFor(last);
        return new ConvergenceBounds(world).Refutation(paused.Length);
    }
}
