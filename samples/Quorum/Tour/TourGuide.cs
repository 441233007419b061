using Quorum.Nodes;

namespace Quorum.Tour;

/// <summary>One step: it throws <see cref="ClaimException"/> when what it claims does not come true.</summary>
/// <param name="Name">One word.</param>
/// <param name="Title">What it claims.</param>
/// <param name="RunAsync">Shows it, and gives the sentence that it ends with.</param>
internal sealed record Step(string Name, string Title, Func<StepContext, Task<string>> RunAsync);

/// <summary>What a step works with.</summary>
/// <param name="Cluster">The processes.</param>
/// <param name="Screen">Where it shows what it does.</param>
/// <param name="Broken">Whether to make the claim of the step false.</param>
/// <param name="Token">Ends the run.</param>
internal sealed record StepContext(Cluster Cluster, Screen Screen, bool Broken, CancellationToken Token);

/// <summary>Walks through the steps; the first claim that fails ends the run, because later steps build on earlier ones.</summary>
internal sealed class TourGuide(Cluster cluster, Screen screen, string? broken)
{
    private static readonly Step[] Steps =
    [
        new("found", "Three processes found a table", Working.FoundAsync),
        new("write", "What one writes, all read, at the same version", Working.WriteAsync),
        new("race", "Of several who write at the same version, one wins", Working.RaceAsync),
        new("kill", "The one in charge is killed, and the table goes on", Failing.KillAsync),
        new("return", "It comes back with its share of the table, and keeps its seat", Failing.ReturnAsync),
        new("refuse", "Without a majority, writes and reads are refused, with the reason", Failing.RefuseAsync),
        new("resume", "One comes back, and the table goes on where it was", Failing.ResumeAsync),
    ];

    public static IEnumerable<string> StepNames => Steps.Select(step => step.Name);

    /// <summary>Runs all steps within <see cref="Pace.Whole"/>.</summary>
    /// <returns>Whether every claim came true.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Pace.Whole);
        screen.Say("Three processes on this machine, alpha, beta and gamma, each with a data directory of its own, and no database.");
        var outcomes = Steps.ToDictionary(step => step.Name, _ => (bool?)null);
        foreach (var (number, step) in Steps.Index())
        {
            screen.Gap();
            screen.Heading($"{number + 1}/{Steps.Length}  {step.Title}");
            try
            {
                // A step that does not heed the token must not keep the program from ending.
                var context = new StepContext(cluster, screen, step.Name == broken, deadline.Token);
                screen.Success(await step.RunAsync(context).WaitAsync(deadline.Token));
                outcomes[step.Name] = true;
            }
            catch (Exception e) when (e is ClaimException || deadline.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                screen.Failure(e is ClaimException ? e.Message : $"it was not over within {Pace.Whole.TotalSeconds:0} s");
                outcomes[step.Name] = false;
                break;
            }
        }

        var all = outcomes.Values.All(outcome => outcome is true);
        screen.Gap();
        screen.Heading(all ? "Every step came true" : "Not every step came true");
        screen.Summary(Steps.Select(step => (step.Name, outcomes[step.Name])));
        screen.Hint("Next: docs/agreement.md says how it works, and what it does not promise.");
        return all;
    }
}
