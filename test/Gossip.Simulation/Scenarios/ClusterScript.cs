namespace Gossip.Simulation;

/// <summary>What scenarios have in common on the way to their chaos.</summary>
internal static class ClusterScript
{
    private static readonly TimeSpan StartSpread = TimeSpan.FromSeconds(1);

    /// <summary>Gives all nodes the same seeds.</summary>
    public static void Seed(SimWorld world, int seeds)
    {
        foreach (var node in world.Nodes)
        {
            for (var i = 0; i < seeds; i++)
            {
                node.Seeds.Add(SimNetwork.EndpointOf(i));
            }
        }
    }

    /// <summary>Starts all nodes within a moment.</summary>
    public static void StartAll(SimWorld world) => Start(world, world.Nodes);

    public static void Start(SimWorld world, IEnumerable<SimNode> nodes)
    {
        foreach (var node in nodes)
        {
            world.After(ClusterDraw.Between(world.Random, TimeSpan.Zero, StartSpread), () => world.Start(node));
        }

        world.RunFor(StartSpread);
    }

    /// <summary>Brings up a cluster in which everybody knows everybody.</summary>
    public static void WarmUp(SimWorld world)
    {
        Seed(world, Math.Min(2, world.Nodes.Count));
        StartAll(world);
        var bounds = new ConvergenceBounds(world);
        ViewAgreement.Await(world, bounds.Join(world.Nodes.Count) + bounds.Repair);
    }

    /// <summary>Lets random nodes change their facts at a mean interval, for a time.</summary>
    public static void ChangeFacts(SimWorld world, TimeSpan mean, TimeSpan duration)
    {
        var end = world.Now + duration.Ticks;
        Next();

        void Next()
        {
            world.After(ClusterDraw.Between(world.Random, TimeSpan.Zero, mean * 2), () =>
            {
                if (world.Now <= end)
                {
                    OwnFacts.Change(world, world.Nodes[world.Random.Next(world.Nodes.Count)]);
                    Next();
                }
            });
        }
    }
}
