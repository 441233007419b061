namespace Gossip.Node;

/// <summary>
/// Tries candidates in order, each without waiting long for the one before (RFC 8305, "happy eyeballs"): the next one begins when the last one failed or some time has passed, and the first
/// that succeeds ends the others.
/// </summary>
internal static class StaggeredAttempts
{
    /// <summary>The "Connection Attempt Delay" that RFC 8305 §5 recommends.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs the attempts.</summary>
    /// <returns>The results in the order in which they came; the last one wins, if any does.</returns>
    public static async Task<IReadOnlyList<TResult>> RunAsync<TCandidate, TResult>(
        IReadOnlyList<TCandidate> candidates,
        Func<TCandidate, CancellationToken, Task<TResult>> attempt,
        Func<TResult, bool> wins,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<TResult>> running = [];
        List<TResult> results = [];
        try
        {
            for (var next = 0; next < candidates.Count || running.Count > 0;)
            {
                if (next < candidates.Count)
                {
                    running.Add(attempt(candidates[next++], end.Token));
                }

                Task first = Task.WhenAny(running);
                if (next < candidates.Count)
                {
                    await first.WaitAsync(Delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                else
                {
                    await first.WaitAsync(cancellationToken).ConfigureAwait(false);
                }

                cancellationToken.ThrowIfCancellationRequested();
                foreach (var done in running.Where(static task => task.IsCompleted).ToList())
                {
                    running.Remove(done);
                    results.Add(await done.ConfigureAwait(false));
                    if (wins(results[^1]))
                    {
                        return results;
                    }
                }
            }

            return results;
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
