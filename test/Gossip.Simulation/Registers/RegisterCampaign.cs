using System.Diagnostics;
using System.Globalization;

namespace Gossip.Simulation.Registers;

/// <summary>Many seeds, and what came of them together.</summary>
internal sealed class RegisterCampaign
{
    private readonly Lock _lock = new();

    public RegisterCounts Counts { get; } = new();

    public List<RegisterResult> Violations { get; } = [];

    public int Seeds { get; private set; }

    /// <summary>Seeds in which too little happened to count.</summary>
    public int Vacuous { get; private set; }

    public long Events { get; private set; }

    public static RegisterCampaign Play(ulong firstSeed, int seeds, int jobs, string? plant = null)
    {
        var campaign = new RegisterCampaign();
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = jobs }, i =>
        {
            var seed = firstSeed + (ulong)i;
            var result = plant is null ? RegisterRun.Play(RegisterRun.Draw(seed)) : RegisterRun.Play(RegisterRun.DrawPlain(seed), Plant.All[plant]());
            lock (campaign._lock)
            {
                campaign.Seeds++;
                campaign.Events += result.Events;
                campaign.Counts.Add(result.Counts);
                if (result.Violation is { Rule: RegisterRun.NonVacuity })
                {
                    campaign.Vacuous++;
                }
                else if (result.Violation is not null)
                {
                    campaign.Violations.Add(result);
                }
            }
        });
        return campaign;
    }

    /// <summary>Runs as a command: first seed, number of seeds, jobs, and a bug to plant.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        var first = ulong.Parse(arguments[0], CultureInfo.InvariantCulture);
        var seeds = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        var begun = Stopwatch.GetTimestamp();
        var campaign = Play(first, seeds, arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : Environment.ProcessorCount, arguments.Length > 3 ? arguments[3] : null);
        foreach (var result in campaign.Violations.OrderBy(result => result.Seed))
        {
            Console.WriteLine($"VIOLATION register seed {result.Seed}: {result.Violation!.Message}");
        }

        var time = Stopwatch.GetElapsedTime(begun);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{campaign.Seeds} seeds, {campaign.Vacuous} of them with too little to count, {campaign.Violations.Count} violations, {campaign.Events} events in {time.TotalSeconds:F1} s: {campaign.Counts}"));
        return campaign.Violations.Count > 0 ? 1 : 0;
    }
}
