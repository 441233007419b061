using Gossip.Agreement;
using Gossip.Node;

namespace Gossip.Simulation.Registers;

/// <summary>What came of one seed.</summary>
internal sealed record RegisterResult(ulong Seed, RegisterCounts Counts, ulong Hash, long Events, ViolationException? Violation);

/// <summary>One seed of one kind of world: founding, chaos, calm with progress, and the check of the whole history.</summary>
internal static class RegisterRun
{
    public const string Progress = "progress";
    public const string NonVacuity = "non-vacuity";
    private const int MinCommits = 100;
    private const int ClientTurns = 4;
    private const int SeveralFounders = 3;
    private const int PlainEvery = 3;
    private static readonly ProposerTiming Timing = new();
    private static readonly Opening[] Openings = Enum.GetValues<Opening>();

    /// <summary>How far clocks are off at most. More would not show more: nothing here compares those of two nodes.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long the calm may take: whoever is believed to lead is believed for its patience, a hopeless reconfiguration is given up after its time, pauses and
    /// resends follow each other once for each of prepare, accept and install in two epochs; and a client needs some turns until it asks the right one.
    /// </summary>
    private static readonly TimeSpan Bound = Timing.LeaderPatience + Timing.StageTimeout + (6 * Timing.Resend) + (2 * Timing.BackoffMax) + (ClientTurns * TimeSpan.FromSeconds(2));

    public static RegisterResult Play(RegisterSetup setup, Plant? plant = null)
    {
        var world = new RegisterWorld(setup, plant);
        ViolationException? violation = null;
        try
        {
            Play(world);
        }
        catch (ViolationException e)
        {
            violation = e;
        }
        catch (Exception e) // whatever an engine throws is a violation, and must not hide the seed
        {
            violation = new ViolationException(ScenarioRun.NoException, e.ToString());
        }

        return new RegisterResult(setup.Seed, world.Counts, world.Trace.Value, world.Events, violation);
    }

    /// <summary>The world of a seed: its size, its stores, its network, its clocks and its opening are drawn.</summary>
    public static RegisterSetup Draw(ulong seed)
    {
        var random = new SeededRandom(~seed);
        var plain = DrawPlain(random, seed);
        return random.Next(PlainEvery) == 0 ? plain : Widen(plain, random);
    }

    /// <summary>The world of a seed with right clocks, all nodes started at once, and faults that befall one node or link at a time.</summary>
    public static RegisterSetup DrawPlain(ulong seed) => DrawPlain(new SeededRandom(~seed), seed);

    private static RegisterSetup Widen(RegisterSetup plain, SeededRandom random)
    {
        var opening = Openings[random.Next(Openings.Length)];
        var founders = opening is Opening.Together or Opening.Scattered ? plain.Founders : SeveralFounders; // of fewer none can be missing, or be told of others
        return plain with
        {
            HasConcertedFaults = true,
            Opening = opening,
            Founders = founders,
            Nodes = Math.Max(plain.Nodes, opening >= Opening.OneListDiffers ? (2 * founders) - 1 : founders + 1),
            Skew = random.Next(3) == 0 ? TimeSpan.Zero : MostSkew,
            HasFloor = random.Next(2) == 0,
        };
    }

    private static RegisterSetup DrawPlain(SeededRandom random, ulong seed)
    {
        var founders = random.Next(2) == 0 ? 1 : SeveralFounders;
        return new RegisterSetup
        {
            Seed = seed,
            Nodes = random.Next(4) == 0 ? SeatPolicy.LargeCluster + random.Next(2) : 3 + random.Next(5), // now and then enough for five seats
            Founders = founders,
            Founding = new FoundingTiming { Stagger = random.Next(3) == 0 ? new FoundingTiming().Stagger : TimeSpan.Zero, Completeness = TimeSpan.FromSeconds(1), NoticePatience = TimeSpan.FromSeconds(0.5) },
            DurableEvery = random.Next(3),
            Loss = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.15,
            Duplication = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.1,
            DelayMax = TimeSpan.FromMilliseconds(1 + random.Next(20)),
            Stragglers = random.NextDouble() * 0.05,
        };
    }

    private static void Play(RegisterWorld world)
    {
        if (world.Setup.Opening >= Opening.OneListDiffers)
        {
            DifferingLists.Watch(world);
        }

        var script = new FaultScript(world);
        script.Begin();
        world.Run(world.Setup.Chaos);
        script.End();
        var before = world.Nodes.ToDictionary(node => node, node => node.Client.Answered);
        if (!world.Run(Bound, () => world.Nodes.TrueForAll(node => node.Client.Answered >= before[node] + ClientTurns)))
        {
            throw new ViolationException(Progress, $"nodes {string.Join(' ', world.Nodes.Where(node => node.Client.Answered < before[node] + ClientTurns).Select(node => node.Index))} got no answers: {Describe(world)}");
        }

        if (!world.Run(Bound, () => world.Chosen.Latest is { } latest && latest.Acceptors.All(seat => IsFilled(world, latest, seat))))
        {
            throw new ViolationException(Progress, $"a seat stays empty: {Describe(world)}");
        }

        TableHistoryCheck.Check(world.History.Operations);
        var counts = world.Counts;
        if (counts[Happening.Commit] < MinCommits || counts[Happening.ProposerChange] == 0 || counts[Happening.Restart] + counts[Happening.EpochChange] == 0)
        {
            throw new ViolationException(NonVacuity, counts.ToString());
        }
    }

    private static bool IsFilled(RegisterWorld world, Configuration configuration, AcceptorId seat) =>
        world.Find(seat) is { IsUp: true } node && node.Acceptor.Self == seat && node.Acceptor.Register.Epoch == configuration.Epoch;

    private static string Describe(RegisterWorld world) => string.Join("; ", world.Nodes.Select(node =>
        $"{node.Index}: acceptor {node.Acceptor.Self} in {node.Acceptor.Register.Epoch} promised {node.Acceptor.PromisedBallot}, proposer in {node.Proposer.Register.Epoch} leads {node.Proposer.IsLeading} waiting {node.Proposer.Waiting}")) + $"; latest {world.Chosen.Latest}; {world.Counts}";
}
