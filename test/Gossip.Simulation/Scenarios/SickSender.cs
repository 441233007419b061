using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// One node hears everything and is heard badly or not at all: its datagrams vanish, or its own host refuses to send them, or nothing of it
/// gets out. It must blame itself before the others.
/// </summary>
internal sealed class SickSender : Scenario
{
    public const string RashAccusations = "rash-accusations";

    /// <summary>The worst score of the protocol as it is meant to be, also where a test takes it away.</summary>
    private const int FullAwareness = 8;

    /// <summary>Each failed probe costs a score for each of three silent helpers; so many failures are under way or needed until the worst.</summary>
    private const int ProbesUntilSlowest = 4;

    private const int MinNodes = 5;
    private const int MaxNodes = 40;
    private const int Ways = 3;

    /// <summary>The score is seen to rise only after some probes had the time to fail.</summary>
    private const int ProbesToTell = 4;

    private static readonly TimeSpan MinTrouble = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxTrouble = TimeSpan.FromMinutes(1);

    private SimNode? _sick;

    public override string Name => "sick-sender";

    public override string Story => "what one node sends is lost or fails; it doubts itself, buries nobody who is well, and recovers";

    public override IReadOnlyList<Fault> EachRun => [];

    public override IReadOnlyList<Fault> SomeRun => [Fault.SendError, Fault.Dropped, Fault.Cut, Fault.Suspicion, Fault.Refutation];

    /// <summary>What changed while nothing got out is not told again when it can be: only the comparison brings it.</summary>
    public override double RepairShare => 0.2;

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        world.FalseVerdictsForbidden = true;
        _sick = ClusterDraw.Pick(world, 1)[0];
        _sick.IsSick = true;
        var duration = ClusterDraw.Between(world.Random, MinTrouble, MaxTrouble);
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), duration);
        switch (world.Random.Next(Ways))
        {
            case 0:
                // Streams carry what must be carried, so nobody has a reason to call anybody dead, for however long it lasts.
                world.FalseDeathsForbidden = true;
                world.Network.Trouble(_sick.Index, SendTrouble.Lost);
                world.RunFor(duration);
                DemandNonVacuous(world, Fault.Dropped);
                break;
            case 1:
                world.FalseDeathsForbidden = true;
                world.Network.Trouble(_sick.Index, SendTrouble.Refused);
                DemandDoubt(world, duration, _sick, WorstDoubt(world, duration, _sick));
                DemandNonVacuous(world, Fault.SendError);
                break;
            default:
                Silence(world, _sick, duration);
                DemandNonVacuous(world, Fault.Cut);
                break;
        }

        world.Network.Heal();
        world.Trace.Note("the sick node can send again");
        return new ConvergenceBounds(world).Recovery(duration);
    }

    /// <summary>
    /// Its doubts must pass, too: each answered probe takes one off, and comes after as many more intervals as there were doubts when the one before
    /// began. The last probe that began in trouble may only now fail, and bring the worst doubts back.
    /// </summary>
    public override void Judge(SimWorld world)
    {
        var timing = world.Setup.Timing;
        var slowest = timing.AwarenessMax + 1;
        var intervals = slowest; // until the next one, as was planned in trouble
        for (var doubts = timing.AwarenessMax; doubts > 1; doubts--)
        {
            intervals += doubts + 1;
        }

        world.RunFor(((timing.ProbeTimeout + timing.IndirectTimeout) * slowest) + (timing.ProbeInterval * (intervals + 1)));
        if (_sick!.Engine!.AwarenessScore > 0)
        {
            throw new ViolationException("self-doubt", $"node {_sick.Index} is well, and still doubts itself: {_sick.Engine.AwarenessScore}");
        }
    }

    /// <summary>Nothing gets out. What it believes for long is not in its hands; but for as long as one accuser has to wait, it must bury nobody.</summary>
    private static void Silence(SimWorld world, SimNode sick, TimeSpan duration)
    {
        foreach (var other in world.Nodes)
        {
            if (other != sick)
            {
                world.Network.CutOneWay(sick.Index, other.Index);
            }
        }

        var patience = world.Setup.Timing.SuspicionMax(world.Nodes.Count);
        var patient = duration < patience ? duration : patience;
        var before = world.Counts[Fault.HealthyDeath];
        var doubt = WorstDoubt(world, patient, sick);
        DemandFewAccusations(world, sick, patient);
        DemandDoubt(world, patient, sick, doubt);
        if (world.Counts[Fault.HealthyDeath] != before)
        {
            throw new ViolationException("patience", $"node {sick.Index} buried members within {patience.TotalSeconds:F1} s, which one accuser has to wait");
        }

        world.RunFor(duration - patient);
    }

    /// <summary>Doubts make it slow: after the first few failures it probes at the slowest rate, and nobody can refute meanwhile.</summary>
    private static void DemandFewAccusations(SimWorld world, SimNode sick, TimeSpan duration)
    {
        var timing = world.Setup.Timing;
        var slowest = timing.ProbeInterval * (FullAwareness + 1);
        var bound = ProbesUntilSlowest + (int)Math.Ceiling(duration / slowest);
        var accused = sick.Engine!.Table.All.Count(member => member.State is MemberState.Suspect or MemberState.Dead);
        if (accused > bound)
        {
            throw new ViolationException(RashAccusations, $"node {sick.Index}, which hears no answers, accuses {accused} members in {duration.TotalSeconds:F1} s, and not {bound}");
        }
    }

    /// <summary>Lets the world go on, and looks how bad the sick node thinks that it is.</summary>
    private static int WorstDoubt(SimWorld world, TimeSpan duration, SimNode sick)
    {
        var step = world.Setup.Timing.ProbeTimeout.Ticks / 2; // an answer over a stream soon takes away the doubt that an error brought
        var end = world.Now + duration.Ticks;
        var worst = 0;
        while (world.Now < end)
        {
            world.RunFor(TimeSpan.FromTicks(Math.Min(step, end - world.Now)));
            worst = Math.Max(worst, sick.Engine!.AwarenessScore);
        }

        return worst;
    }

    private static void DemandDoubt(SimWorld world, TimeSpan duration, SimNode sick, int worst)
    {
        if (worst == 0 && duration >= world.Setup.Timing.ProbeInterval * ProbesToTell)
        {
            throw new ViolationException("self-doubt", $"node {sick.Index} cannot send for {duration.TotalSeconds:F1} s, and does not doubt itself");
        }
    }

    private static void DemandNonVacuous(SimWorld world, Fault fault) => ScenarioRun.Demand([fault], world.Counts, "this run");
}
