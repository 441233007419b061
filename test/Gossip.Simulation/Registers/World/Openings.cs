namespace Gossip.Simulation.Registers;

/// <summary>Starts the nodes of a world for the first time.</summary>
internal sealed class Openings(RegisterWorld world)
{
    private static readonly TimeSpan ScatteredOver = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MissingLeast = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MissingMost = TimeSpan.FromSeconds(8);

    public void Begin()
    {
        var latecomer = world.Setup.Opening == Opening.SeedMissing ? world.Random.Next(world.Setup.Founders) : -1;
        world.Count(world.Setup.Opening is not (Opening.Scattered or Opening.SeedMissing), Happening.StartOfAll);
        foreach (var node in world.Nodes)
        {
            if (world.Setup.Opening == Opening.Scattered)
            {
                world.After(world.Between(TimeSpan.Zero, ScatteredOver), () => StartLate(node));
            }
            else if (node.Index == latecomer)
            {
                world.After(world.Between(MissingLeast, MissingMost), () => StartMissing(node));
            }
            else
            {
                node.Start();
            }
        }
    }

    private void StartMissing(RegisterNode node)
    {
        world.Count(node.Life == 0 && world.Chosen.Epoch > 0, Happening.SeedMissing);
        StartLate(node);
    }

    private static void StartLate(RegisterNode node)
    {
        if (node.Life == 0)
        {
            node.Start();
        }
    }
}
