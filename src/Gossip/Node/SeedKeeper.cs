using Gossip.Diagnostics;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>
/// Keeps trying seeds that nobody known listens at, for ever and at a decaying rate, so that a node which was alone, or cut
/// off together with its seeds' addresses, comes back by itself.
/// </summary>
internal sealed class SeedKeeper(Joiner joiner, ViewFeed views, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, bool> _seeds = []; // and whether it is a guess

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _seeds.Count;
            }
        }
    }

    /// <summary>Adds seeds. Those that are guesses of a parameterless start are often absent, which is normal.</summary>
    public void Add(IEnumerable<string> seeds, bool guessed)
    {
        lock (_gate)
        {
            foreach (var seed in seeds)
            {
                _seeds[seed] = guessed && _seeds.GetValueOrDefault(seed, true);
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            var current = views.Current;
            var missing = current.Local.State is MemberState.Alive or MemberState.Joining
                ? await MissingAsync(current, cancellationToken).ConfigureAwait(false)
                : [];
            if (missing.Count == 0)
            {
                // While nobody comes or goes only names can change what they stand for.
                delay = FirstDelay;
                await views.ChangeAfter(current).WaitAsync(LastDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
            foreach (var result in await joiner.JoinAsync(missing, cancellationToken).ConfigureAwait(false))
            {
                Report(result, delay);
            }
        }
    }

    private void Report(JoinResult result, TimeSpan delay)
    {
        if (result.Succeeded)
        {
            GossipLog.Joined(logger, result.Address, result.By);
        }
        else if (result.Failure != JoinFailure.Self && !IsGuess(result.Address))
        {
            GossipLog.JoinFailed(logger, result.Address, result.Error!.Message, delay);
        }
    }

    private bool IsGuess(string seed)
    {
        lock (_gate)
        {
            return _seeds.GetValueOrDefault(seed);
        }
    }

    /// <summary>The seeds at which no other member is. Guesses count only for a lonely node.</summary>
    private async Task<List<string>> MissingAsync(ClusterView current, CancellationToken cancellationToken)
    {
        var self = NodeEndpoint.From(current.Local.Address);
        var isAlone = true;
        foreach (var member in current.Members)
        {
            isAlone &= member.IsLocal || !member.IsPresent;
        }

        string[] seeds;
        lock (_gate)
        {
            seeds = [.. _seeds.Where(seed => !seed.Value || isAlone).Select(seed => seed.Key)];
        }

        List<string> missing = [];
        foreach (var seed in seeds)
        {
            // A name may stand for this node and for others: only when it stands for this node alone there is nobody to look for.
            var endpoints = await joiner.ResolveAsync(seed, cancellationToken).ConfigureAwait(false);
            if (!endpoints.Any(endpoint => IsOther(current, endpoint)) && (endpoints.Count == 0 || endpoints.Any(endpoint => endpoint != self)))
            {
                missing.Add(seed);
            }
        }

        return missing;
    }

    /// <summary>A walk for each seed: a set of all members would be as much garbage each time.</summary>
    private static bool IsOther(ClusterView view, NodeEndpoint endpoint)
    {
        foreach (var member in view.Members)
        {
            if (!member.IsLocal && member.IsPresent && NodeEndpoint.From(member.Address) == endpoint)
            {
                return true;
            }
        }

        return false;
    }
}
