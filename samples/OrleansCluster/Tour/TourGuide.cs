using System.Diagnostics;
using OrleansCluster.Silos;

namespace OrleansCluster.Tour;

/// <summary>One step: it throws <see cref="ClaimException"/> when what it claims does not come true.</summary>
/// <param name="Name">One word.</param>
/// <param name="Title">What it claims.</param>
/// <param name="RunAsync">Shows it, and gives the sentence that it ends with.</param>
internal sealed record Step(string Name, string Title, Func<StepContext, Task<string>> RunAsync);

/// <summary>What a step works with.</summary>
/// <param name="Cluster">The silos and the client.</param>
/// <param name="Screen">Where it shows what it does.</param>
/// <param name="Broken">Whether to make the claim of the step false.</param>
/// <param name="Token">Ends the run.</param>
internal sealed record StepContext(Cluster Cluster, Screen Screen, bool Broken, CancellationToken Token);

/// <summary>Walks through the steps; the first claim that fails ends the run, because later steps build on earlier ones.</summary>
internal sealed class TourGuide(Cluster cluster, Screen screen, string? broken)
{
    private static readonly Step[] Steps =
    [
        new("start", "Three silos find each other, and a client finds them", Working.StartAsync),
        new("call", "Grains are called, wherever they are", Working.CallAsync),
        new("place", "A grain that requires a tag runs where the tag is", Working.PlaceAsync),
        new("send", "A message goes to the silos with a tag, and to nobody else", Working.SendAsync),
        new("kill", "A silo is killed, and all others know it", Failing.KillAsync),
        new("replace", "Another one takes its place", Failing.ReplaceAsync),
        new("again", "The same grains are called again, and as many new ones", Working.CallMoreAsync),
        new("stop", "The silos stop in order, one after the other, also the last one", Failing.StopAsync),
    ];

    public static IEnumerable<string> StepNames => Steps.Select(step => step.Name);

    /// <summary>Runs all steps within <see cref="Pace.Whole"/>.</summary>
    /// <returns>Whether every claim came true.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Pace.Whole);
        var clock = Stopwatch.StartNew();
        screen.Say("Three silos of Orleans, alpha, beta and gamma, in processes of their own on this machine, and no database. The client is this process.");
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
                screen.Failure(e is ClaimException ? e.Message : $"it was not over {Pace.Whole.TotalSeconds:0} s after the first step began");
                outcomes[step.Name] = false;
                break;
            }
        }

        var all = outcomes.Values.All(outcome => outcome is true);
        screen.Gap();
        screen.Heading(all ? $"Every step came true, in {clock.Elapsed.TotalSeconds:0} s" : "Not every step came true");
        screen.Summary(Steps.Select(step => (step.Name, outcomes[step.Name])));
        screen.Hint("Next: docs/orleans.md says how to set it up, and what to do when something is amiss. With --logs you see what silos and client log.");
        return all;
    }
}
