using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>What came of one seed of one scenario.</summary>
internal sealed record RunResult
{
    public required string Scenario { get; init; }

    public required ulong Seed { get; init; }

    public required ulong Hash { get; init; }

    public required int Nodes { get; init; }

    public required long Events { get; init; }

    /// <summary>The virtual time at the end, in ticks.</summary>
    public required long EndedAt { get; init; }

    public required FaultCounts Counts { get; init; }

    /// <summary>How long the calm took until all agreed, and how long it might have.</summary>
    public TimeSpan Converged { get; init; }

    public TimeSpan Bound { get; init; }

    /// <summary>Whether rumours missed somebody, so that it took longer than the bound, until views were compared.</summary>
    public bool Repaired => Converged > Bound;

    public ViolationException? Violation { get; init; }
}

/// <summary>Plays one seed of a scenario: chaos, calm, agreement, and the proof that something happened at all.</summary>
internal static class ScenarioRun
{
    public const string NonVacuity = "non-vacuity";
    public const string NoException = "no-exception";

    /// <summary>For so many probe intervals an agreement must last.</summary>
    private const int LastingIntervals = 5;

    /// <param name="scenario">A fresh scenario.</param>
    /// <param name="seed">What the run follows from.</param>
    /// <param name="trace">Where all that happens is written, if anywhere.</param>
    /// <param name="plant">Puts a bug into the world, for tests of the checks.</param>
    /// <param name="without">What the engines have to do without, if anything.</param>
    public static RunResult Play(Scenario scenario, ulong seed, TextWriter? trace = null, Action<SimWorld>? plant = null, Protection? without = null)
    {
        var setup = scenario.Draw(seed, new SeededRandom(~seed));
        var world = new SimWorld(without is { } lacking ? Protections.Without(lacking, setup) : setup, trace);
        TimeSpan bound = default, converged = default;
        ViolationException? violation = null;
        try
        {
            plant?.Invoke(world);
            if (without is { } disabled)
            {
                Protections.Disable(disabled, world);
            }

            bound = scenario.Play(world);
            world.Trace.Note("the calm begins");
            var patience = bound + new ConvergenceBounds(world).Repair;
            converged = ViewAgreement.Await(world, patience);
            world.Trace.Note("all agree");
            world.FalseDeathsForbidden = true;
            ViewAgreement.DemandLasting(world, world.Setup.Timing.ProbeInterval * LastingIntervals, patience);
            scenario.Judge(world);
            Demand(scenario.EachRun, world.Counts, "this run");
        }
        catch (ViolationException e)
        {
            violation = e;
        }
        catch (Exception e) // whatever an engine throws is a violation, and must not hide the seed
        {
            violation = new ViolationException(NoException, e.ToString());
        }

        return new RunResult
        {
            Scenario = scenario.Name,
            Seed = seed,
            Hash = world.Trace.Hash,
            Nodes = setup.Nodes,
            Events = world.Events,
            EndedAt = world.Now,
            Counts = world.Counts,
            Converged = converged,
            Bound = bound,
            Violation = violation,
        };
    }

    public static void Demand(IReadOnlyList<Fault> faults, FaultCounts counts, string where)
    {
        foreach (var fault in faults)
        {
            if (counts[fault] == 0)
            {
                throw new ViolationException(NonVacuity, $"{where} had no {fault}, and so proves nothing");
            }
        }
    }
}
