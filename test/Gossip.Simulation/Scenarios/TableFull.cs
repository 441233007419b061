using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// As many members as a cluster admits are in, and more ask: they are told why not, and nobody else notices. Then one member dies, and
/// exactly one of those who wait gets its place.
/// </summary>
internal sealed class TableFull : Scenario
{
    private const int MinNodes = 6;
    private const int MaxNodes = 40;
    private const int MaxOutsidersShare = 3;

    private static readonly TimeSpan Siege = TimeSpan.FromSeconds(20);

    private int _outsiders;

    public override string Name => "table-full";

    public override string Story => "more nodes ask than are admitted; they are refused with the reason, and one takes the place of one who dies";

    public override IReadOnlyList<Fault> EachRun => [Fault.TurnedAway, Fault.Crash, Fault.Death, Fault.FactChange];

    public override SimSetup Draw(ulong seed, SeededRandom random)
    {
        var setup = ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);
        _outsiders = 1 + random.Next(setup.Nodes / MaxOutsidersShare);
        return setup with { MaxMembers = setup.Nodes - _outsiders };
    }

    public override TimeSpan Play(SimWorld world)
    {
        world.FalseDeathsForbidden = true;
        var limit = world.Setup.MaxMembers;
        var bounds = new ConvergenceBounds(world);

        // With one seed there is one who decides: two could give one free place to two at once.
        ClusterScript.Seed(world, 1);
        ClusterScript.Start(world, world.Nodes.Take(limit));
        ViewAgreement.Await(world, bounds.Join(limit) + bounds.Repair);
        ClusterScript.Start(world, world.Nodes.Skip(limit));
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), Siege);
        world.RunFor(Siege);
        DemandOutside(world, _outsiders);
        ViewAgreement.Await(world, bounds.Rumours(limit) + bounds.Repair);

        var victim = world.Nodes[1 + world.Random.Next(limit - 1)];
        world.Crash(victim, silently: world.Random.Next(2) == 0);
        AwaitAdmission(world, bounds.Detection(1) + SeedJoining.RetryInterval);
        return bounds.Presentation(1);
    }

    private void AwaitAdmission(SimWorld world, TimeSpan bound)
    {
        var end = world.Now + bound.Ticks;
        while (world.Now < end && world.Nodes.Count(node => node.IsUp && node.IsTurnedAway) == _outsiders)
        {
            world.RunFor(world.Setup.Timing.GossipInterval);
        }
    }

    public override void Judge(SimWorld world) => DemandOutside(world, _outsiders - 1);

    private static void DemandOutside(SimWorld world, int expected)
    {
        var outside = world.Nodes.Where(node => node.IsUp && node.IsTurnedAway).ToList();
        if (outside.Count != expected)
        {
            throw new ViolationException("admission", $"{outside.Count} nodes are turned away, and not {expected}");
        }

        if (outside.Find(node => !node.IsAlone) is { } admitted)
        {
            throw new ViolationException("admission", $"node {admitted.Index} was turned away, and has company");
        }
    }
}
