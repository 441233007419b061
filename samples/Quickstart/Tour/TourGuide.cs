using Quickstart.Nodes;

namespace Quickstart.Tour;

/// <summary>One step of the tour: it throws <see cref="ClaimException"/> when what it claims does not come true.</summary>
/// <param name="Name">One word.</param>
/// <param name="Title">What it claims.</param>
/// <param name="RunAsync">Shows it, and gives the sentence that it ends with.</param>
internal sealed record Step(string Name, string Title, Func<StepContext, Task<string>> RunAsync);

/// <summary>What a step works with.</summary>
/// <param name="Cluster">The processes.</param>
/// <param name="Screen">Where it shows what it does.</param>
/// <param name="Broken">Whether to make the claim of the step false.</param>
/// <param name="Token">Ends the tour.</param>
internal sealed record StepContext(Cluster Cluster, Screen Screen, bool Broken, CancellationToken Token);

/// <summary>Walks through the steps; the first claim that fails ends the tour, because later steps build on earlier ones.</summary>
internal sealed class TourGuide(Cluster cluster, Screen screen, string? broken)
{
    private static readonly Step[] Steps =
    [
        new("discover", "Three processes find each other", Meeting.DiscoverAsync),
        new("metadata", "They share typed metadata", Meeting.ShareMetadataAsync),
        new("route", "A message goes to a tag, and to nobody else", Messages.RouteAsync),
        new("broadcast", "A message goes to all, and each one acknowledges it", Messages.BroadcastAsync),
        new("request", "A request gets its reply", Messages.RequestAsync),
        new("kill", "A process is killed, and the others know it and why", Partings.KillAsync),
        new("restart", "It comes back: the same node in a new generation", Partings.RestartAsync),
        new("leave", "A node that leaves is known to have left, not to have died", Partings.LeaveAsync),
    ];

    public static IEnumerable<string> StepNames => Steps.Select(step => step.Name);

    /// <summary>Runs all steps within <see cref="Pace.WholeTour"/>.</summary>
    /// <returns>Whether every claim came true.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Pace.WholeTour);
        screen.Say("Three nodes in three processes on this machine: alpha (web), beta (worker) and gamma (web, worker).");
        var outcomes = Steps.ToDictionary(step => step.Name, _ => (bool?)null);
        foreach (var (number, step) in Steps.Index())
        {
            screen.Gap();
            screen.Heading($"{number + 1}/{Steps.Length}  {step.Title}");
            try
            {
                // A step that does not heed the token must not keep the tour from ending.
                var context = new StepContext(cluster, screen, step.Name == broken, deadline.Token);
                screen.Success(await step.RunAsync(context).WaitAsync(deadline.Token));
                outcomes[step.Name] = true;
            }
            catch (Exception e) when (e is ClaimException || deadline.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                screen.Failure(e is ClaimException ? e.Message : $"the tour was not over within {Pace.WholeTour.TotalSeconds:0} s");
                outcomes[step.Name] = false;
                break;
            }
        }

        var all = outcomes.Values.All(outcome => outcome is true);
        screen.Gap();
        screen.Heading(all ? "Every step came true" : "Not every step came true");
        screen.Summary(Steps.Select(step => (step.Name, outcomes[step.Name])));
        screen.Hint("Next: samples/Basic/Program.cs is the shortest program of your own, samples/Chat a whole application,");
        screen.Hint("and README.md tells the rest. With --interactive the three nodes stay for you to try things.");
        return all;
    }
}
