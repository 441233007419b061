using Gossip.Diagnostics;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>
/// Keeps trying seeds that nobody known listens at, for ever and at a decaying rate, so that a node which was alone, or cut
/// off together with its seeds' addresses, comes back by itself.
/// </summary>
internal sealed class SeedKeeper(Joiner joiner, Func<ClusterView> view, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly List<string> _seeds = [];

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

    public void Add(IEnumerable<string> seeds)
    {
        lock (_gate)
        {
            _seeds.AddRange(seeds.Except(_seeds));
        }
    }

    public async Task RunAsync(bool quiet, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            if (view().Local.State is not (MemberState.Alive or MemberState.Joining))
            {
                continue;
            }

            var missing = await MissingAsync(quiet, cancellationToken).ConfigureAwait(false);
            if (missing.Count == 0)
            {
                delay = FirstDelay;
                continue;
            }

            delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
            foreach (var result in await joiner.JoinAsync(missing, cancellationToken).ConfigureAwait(false))
            {
                Report(result, quiet, delay);
            }
        }
    }

    private void Report(JoinResult result, bool quiet, TimeSpan delay)
    {
        if (result.Succeeded)
        {
            GossipLog.Joined(logger, result.Address, result.By);
        }
        else if (!quiet && result.Failure != JoinFailure.Self)
        {
            GossipLog.JoinFailed(logger, result.Address, result.Error!.Message, delay);
        }
    }

    /// <summary>The seeds at which no present member is. With guessed seeds (<paramref name="onlyWhenAlone"/>) absence is normal, so they count only for a lonely node.</summary>
    private async Task<List<string>> MissingAsync(bool onlyWhenAlone, CancellationToken cancellationToken)
    {
        var known = view().Present.Select(member => NodeEndpoint.From(member.Address)).ToHashSet();
        List<string> missing = [];
        if (onlyWhenAlone && known.Count > 1)
        {
            return missing;
        }

        string[] seeds;
        lock (_gate)
        {
            seeds = [.. _seeds];
        }

        foreach (var seed in seeds)
        {
            var endpoints = await joiner.ResolveAsync(seed, cancellationToken).ConfigureAwait(false);
            if (!endpoints.Any(known.Contains))
            {
                missing.Add(seed);
            }
        }

        return missing;
    }
}
