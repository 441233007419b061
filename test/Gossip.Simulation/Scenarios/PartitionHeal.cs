using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Two halves lose sight of each other until each holds the other dead; facts change on both sides; then they meet again.</summary>
internal sealed class PartitionHeal : Scenario
{
    private const int MinNodes = 4;
    private const int MaxNodes = 40;

    /// <summary>A node that misses half of its probes doubts itself, and probes more slowly, up to as many times.</summary>
    private static int Patience(SimWorld world) => world.Setup.Timing.AwarenessMax + 1;

    private static readonly TimeSpan MaxAfterwards = TimeSpan.FromMinutes(2);

    public override string Name => "partition-heal";

    public override string Story => "random halves hold each other dead, change facts and meet again";

    public override IReadOnlyList<Fault> EachRun => [Fault.Cut, Fault.Suspicion, Fault.Death, Fault.FalseDeath, Fault.Refutation, Fault.Revival, Fault.FactChange, Fault.SyncDifference];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        var cutAt = world.Now;
        var minority = world.Nodes.Count / 2;
        foreach (var node in ClusterDraw.Pick(world, minority))
        {
            world.Network.Separate(node.Index, 1);
        }

        world.Trace.Note("the network falls into two halves");
        AwaitSchism(world);
        var afterwards = ClusterDraw.Between(world.Random, TimeSpan.FromSeconds(5), MaxAfterwards);
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), afterwards);
        world.RunFor(afterwards);
        world.Network.Heal();
        world.Trace.Note("the network heals");
        return new ConvergenceBounds(world).Healing(TimeSpan.FromTicks(world.Now - cutAt));
    }

    private static void AwaitSchism(SimWorld world)
    {
        var bound = new ConvergenceBounds(world).Detection(world.Nodes.Count) * Patience(world);
        var end = world.Now + bound.Ticks;
        while (Undecided(world) is { } undecided)
        {
            if (world.Now > end)
            {
                throw new ViolationException("schism", $"{undecided} on the other side, {bound.TotalSeconds:F1} s after the cut");
            }

            world.RunFor(world.Setup.Timing.ProbeInterval);
        }
    }

    private static string? Undecided(SimWorld world)
    {
        foreach (var observer in world.Nodes)
        {
            foreach (var member in observer.Engine!.Table.All)
            {
                var subject = world.Find(member.Id)!;
                if (world.Network.IsCut(observer.Index, subject.Index) && member.State != MemberState.Dead)
                {
                    return $"node {observer.Index} holds node {subject.Index} {member.State}";
                }
            }
        }

        return null;
    }
}
