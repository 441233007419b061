namespace Gossip.Simulation;

/// <summary>Waits until all running nodes agree on the truth, for so long and no longer.</summary>
internal static class ViewAgreement
{
    public const string Rule = "convergence";

    /// <summary>Lets the world go on until all agree.</summary>
    /// <returns>How long that took.</returns>
    public static TimeSpan Await(SimWorld world, TimeSpan bound, bool contents = false)
    {
        var convergence = new Convergence(world);
        var step = world.Setup.Timing.GossipInterval / 2;
        var begun = world.Now;
        while (convergence.Difference(contents) is { } difference)
        {
            if (world.Now - begun > bound.Ticks)
            {
                throw new ViolationException(Rule, $"{difference}; {bound.TotalSeconds:F1} s of calm should have been enough");
            }

            world.RunFor(step);
        }

        return TimeSpan.FromTicks(world.Now - begun);
    }

    /// <summary>
    /// Lets the world go on for a time, after which all must agree, down to each tag and value, or do so again within the bound: a probe
    /// that began in the chaos can still fail, and the refutation of that late accusation reaches somebody only with the next comparison of views.
    /// </summary>
    public static void DemandLasting(SimWorld world, TimeSpan time, TimeSpan bound)
    {
        world.RunFor(time);
        Await(world, bound, contents: true);
    }
}
