namespace Gossip.Simulation;

/// <summary>Waits until all running nodes agree on the truth, for so long and no longer.</summary>
internal static class Agreement
{
    public const string Rule = "convergence";

    /// <summary>Lets the world go on until all agree.</summary>
    /// <returns>How long that took.</returns>
    public static TimeSpan Await(SimWorld world, TimeSpan bound)
    {
        var convergence = new Convergence(world);
        var step = world.Setup.Timing.GossipInterval / 2;
        var begun = world.Now;
        while (convergence.Difference(contents: false) is { } difference)
        {
            if (world.Now - begun > bound.Ticks)
            {
                throw new ViolationException(Rule, $"{difference}; {bound.TotalSeconds:F1} s of calm should have been enough");
            }

            world.RunFor(step);
        }

        return TimeSpan.FromTicks(world.Now - begun);
    }

    /// <summary>Lets the world go on for a time, after which all must agree still, down to each tag and value.</summary>
    public static void DemandLasting(SimWorld world, TimeSpan time)
    {
        world.RunFor(time);
        if (new Convergence(world).Difference(contents: true) is { } difference)
        {
            throw new ViolationException(Rule, $"{difference}, although all had agreed");
        }
    }
}
