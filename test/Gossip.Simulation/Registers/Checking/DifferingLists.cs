namespace Gossip.Simulation.Registers;

/// <summary>
/// Founders that were told of different founders. Nobody founds who hears of the others in time, and each says what is wrong; then an operator does what they say: all are told of the same, and restarted.
/// A majority that gossip lets down may vote, or even found. It finds out only if a second register was founded, and <see cref="ChosenChain"/> sees that.
/// </summary>
internal static class DifferingLists
{
    public const string Rule = "lists-differ";
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(4);

    public static void Watch(RegisterWorld world)
    {
        world.Run(Watched);
        var all = world.Run(Watched, () => world.Chosen.Epoch > 0 || world.Nodes.Where(IsFounder).All(SaysWhy)); // now and then one has heard of nobody for a while
        if (world.Chosen.Epoch > 0)
        {
            RequireMajority(world);
            world.Counts.Count(Happening.FoundedUnheard);
            return;
        }

        if (!all)
        {
            throw new ViolationException(Rule, $"not all founders say why nothing is founded: {string.Join("; ", world.Nodes.Where(IsFounder).Select(founder => founder.Engine.Diagnosis(founder.Clock.Now)))}");
        }

        world.Counts.Count(world.Setup.Opening switch
        {
            Opening.OneListDiffers => Happening.OneListDiffered,
            Opening.TwoLists => Happening.TwoLists,
            _ => Happening.ListsDiffered,
        });
        Correct(world);
    }

    /// <summary>Of three lists with one founder each, none has a majority.</summary>
    private static void RequireMajority(RegisterWorld world)
    {
        if (world.Setup.Opening == Opening.ListsDiffer)
        {
            throw new ViolationException(Rule, $"{world.Chosen.Latest} was founded, and no list has a majority");
        }
    }

    private static void Correct(RegisterWorld world)
    {
        var isVoted = world.Nodes.Exists(node => node.Acceptor.Value is not null);
        foreach (var founder in world.Nodes.Where(IsFounder).ToList())
        {
            founder.Kill();
            founder.Founders = world.Founders;
            founder.Start(isFirst: true);
        }

        if (!isVoted)
        {
            return;
        }

        // Votes on a list that is given up bind their stores: a founder that has one says that its directory has to go.
        world.Run(Watched, () => world.Chosen.Epoch > 0);
        foreach (var founder in world.Nodes.Where(node => world.Chosen.Epoch == 0 && IsFounder(node) && Says(node, "remove its data directory")).ToList())
        {
            world.Counts.Count(Happening.DirectoryRemoved);
            founder.Kill();
            founder.RemoveStore();
            founder.Start(isFirst: true);
        }
    }

    private static bool IsFounder(RegisterNode node) => node.Founders.Contains(node.Address);

    private static bool SaysWhy(RegisterNode node) => Says(node, "was configured with other founders");

    private static bool Says(RegisterNode node, string what) => node.Engine.Diagnosis(node.Clock.Now).Contains(what, StringComparison.Ordinal);
}
