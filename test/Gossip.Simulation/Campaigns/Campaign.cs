using System.Diagnostics;

namespace Gossip.Simulation;

/// <summary>Many seeds of one scenario, and what came of them together.</summary>
internal sealed class Campaign(string scenario)
{
    /// <summary>With fewer seeds chance need not have brought about all that it can.</summary>
    private const int SeedsForChance = 50;

    /// <summary>Chance strays further than so many standard deviations once in a thousand campaigns.</summary>
    private const double ChanceDeviations = 3;

    private readonly Lock _lock = new();
    private double _worstRatio = -1;

    public string Name { get; } = scenario;

    public int Seeds { get; private set; }

    public long Events { get; private set; }

    public FaultCounts Counts { get; } = new();

    /// <summary>In how many runs rumours missed somebody.</summary>
    public int Repaired { get; private set; }

    /// <summary>The longest of these.</summary>
    public TimeSpan LongestRepair { get; private set; }

    /// <summary>The run that came closest to its bound.</summary>
    public RunResult? Slowest { get; private set; }

    public List<RunResult> Violations { get; } = [];

    /// <summary>The processor time of all runs.</summary>
    public TimeSpan Busy { get; private set; }

    public TimeSpan Simulated { get; private set; }

    /// <summary>What is wrong with the campaign as a whole, or null.</summary>
    public string? Emptiness { get; private set; }

    public double EventsPerSecond => Events / Math.Max(Busy.TotalSeconds, double.Epsilon);

    public static Campaign Play(string scenario, ulong firstSeed, int seeds, int jobs, Action<RunResult>? onRun = null, Protection? without = null)
    {
        var campaign = new Campaign(scenario);
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = jobs }, i =>
        {
            var begun = Stopwatch.GetTimestamp();
            var result = ScenarioRun.Play(Scenario.All[scenario](), firstSeed + (ulong)i, without: without);
            campaign.Add(result, Stopwatch.GetElapsedTime(begun));
            onRun?.Invoke(result);
        });
        campaign.DemandChance();
        return campaign;
    }

    private void Add(RunResult result, TimeSpan busy)
    {
        lock (_lock)
        {
            Seeds++;
            Events += result.Events;
            Busy += busy;
            Simulated += TimeSpan.FromTicks(result.EndedAt);
            Counts.Add(result.Counts);
            if (result.Violation is not null)
            {
                Violations.Add(result);
            }
            else if (result.Repaired)
            {
                Repaired++;
                LongestRepair = result.Converged > LongestRepair ? result.Converged : LongestRepair;
            }
            else if (result.Converged / result.Bound > _worstRatio)
            {
                _worstRatio = result.Converged / result.Bound;
                Slowest = result;
            }
        }
    }

    private void DemandChance()
    {
        try
        {
            if (Seeds < SeedsForChance)
            {
                return;
            }

            var scenario = Scenario.All[Name]();
            ScenarioRun.Demand(scenario.SomeRun, Counts, "the whole campaign");
            // Of few runs chance alone brings more than their share: only what it hardly ever does is a finding.
            var share = scenario.RepairShare;
            if (Repaired > (Seeds * share) + (ChanceDeviations * Math.Sqrt(Seeds * share * (1 - share))))
            {
                throw new ViolationException(ViewAgreement.Rule, $"in {Repaired} of {Seeds} runs views had to be compared, because rumours missed somebody");
            }
        }
        catch (ViolationException e)
        {
            Emptiness = e.Message;
        }
    }
}
