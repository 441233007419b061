using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Two clusters of different names, whose nodes all have a seed of each: every join through the wrong one is refused, for ever.</summary>
internal sealed class CrossedSeeds : Scenario
{
    private const int MinNodes = 4;
    private const int MaxNodes = 40;
    private const int Seeds = 2;

    /// <summary>Absent seeds are asked again and again: so many times, at least.</summary>
    private const int Retries = 3;

    public override string Name => "crossed-seeds";

    public override string Story => "two clusters have each other's seeds; each finds itself, and neither learns of the other";

    public override IReadOnlyList<Fault> EachRun => [Fault.ForeignCluster, Fault.FactChange];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        world.FalseDeathsForbidden = true;
        ClusterScript.Seed(world, Seeds);
        foreach (var node in world.Nodes)
        {
            // The two seeds are of different clusters, and the others of either.
            node.Cluster += node.Index < Seeds ? (ulong)node.Index : (ulong)world.Random.Next(Seeds);
        }

        ClusterScript.StartAll(world);
        var duration = SeedJoining.AbsentInterval * Retries;
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), duration);
        world.RunFor(duration);
        return new ConvergenceBounds(world).Join(world.Nodes.Count);
    }

    public override void Judge(SimWorld world)
    {
        // All but those who are alone of their cluster know others, and the views say nothing of the rest.
        foreach (var node in world.Nodes)
        {
            var own = world.Nodes.Count(other => other.Cluster == node.Cluster);
            if (node.Engine!.Table.Count != own)
            {
                throw new ViolationException("separation", $"node {node.Index} knows {node.Engine.Table.Count} members of a cluster of {own}");
            }
        }
    }
}
