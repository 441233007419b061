using System.Globalization;
using Gossip.Simulation;
using Gossip.Simulation.Registers;

if (args is ["register", _, _, ..])
{
    return RegisterCampaign.Run(args.AsSpan(1));
}

if (args is ["explore", ..])
{
    return ExplorationCommand.Run(args.AsSpan(1));
}

var command = CommandLine.Parse(args, out var error);
if (command is null)
{
    Console.Error.WriteLine(error);
    Console.Error.WriteLine();
    Console.Error.WriteLine(CommandLine.Usage);
    return 2;
}

if (command.List)
{
    foreach (var (name, create) in Scenario.All)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16} {create().Story}{(create().OnDemand ? " (only when named: it is slow)" : "")}"));
    }

    return 0;
}

var campaigns = new List<Campaign>();
foreach (var name in command.Scenarios)
{
    if (command.Trace)
    {
        var traced = ScenarioRun.Play(Scenario.All[name](), command.FirstSeed, Console.Out, without: command.Without);
        Console.WriteLine($"trace hash {traced.Hash:x16}");
    }

    campaigns.Add(Campaign.Play(name, command.FirstSeed, command.Seeds, command.Jobs, result => Report(result, command.Each), command.Without));
}

foreach (var campaign in campaigns)
{
    if (campaign.Violations.MinBy(violation => violation.Seed) is { } first)
    {
        WriteTrace(first, command.Without);
    }
}

SummaryTable.Write(Console.Out, campaigns);
if (command.Bounds)
{
    BoundsTable.Write(Console.Out, campaigns);
}

var failed = campaigns.Exists(campaign => campaign.Violations.Count > 0);
foreach (var campaign in campaigns)
{
    if (campaign.Emptiness is { } emptiness)
    {
        failed = true;
        Console.WriteLine($"VIOLATION {campaign.Name}: {emptiness}");
    }
}

return failed ? 1 : 0;

static void Report(RunResult result, bool each)
{
    if (each)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Scenario} seed {result.Seed}: {result.Hash:x16}, {result.Nodes} nodes, {result.Events} events, agreed after {result.Converged.TotalSeconds:F2} s of {result.Bound.TotalSeconds:F2} s"));
    }

    if (result.Violation is { } violation)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"VIOLATION {result.Scenario} seed {result.Seed} at {Trace.Seconds(result.EndedAt):F6} s (tick {result.EndedAt}): {violation.Message}"));
    }
}

// The same seed is the same run, so the trace need not be written before it is wanted.
static void WriteTrace(RunResult result, Protection? without)
{
    const string Folder = "artifacts/simulation";
    Directory.CreateDirectory(Folder);
    var path = Path.Combine(Folder, $"{result.Scenario}-{result.Seed}.txt");
    using (var text = new StreamWriter(path))
    {
        ScenarioRun.Play(Scenario.All[result.Scenario](), result.Seed, text, without: without);
        text.WriteLine(result.Violation!.Message);
    }

    Console.WriteLine($"The trace of {result.Scenario} seed {result.Seed} is in {path}");
}
