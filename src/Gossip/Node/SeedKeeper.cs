using System.Collections.Concurrent;
using Gossip.Diagnostics;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>
/// Keeps trying seeds that nobody known listens at, for ever and at a decaying rate, so that a node which was alone, or cut
/// off together with its seeds' addresses, comes back by itself. Many nodes may stand behind one name, and nodes that start together join whichever of them answers first: so each endpoint of
/// a name counts, or groups that formed behind it would never meet.
/// </summary>
internal sealed class SeedKeeper(Joiner joiner, ViewFeed views, TimeProvider time, ILogger logger, TimeSpan lastDelay)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    /// <summary>The longest time between two tries of a member: whoever comes to be at a seed looks for others, too.</summary>
    public static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(30);

    /// <summary>The same for a client, which nobody looks for.</summary>
    public static readonly TimeSpan LastDelayOfClient = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, bool> _seeds = []; // and whether it is a guess
    private readonly ConcurrentDictionary<NodeEndpoint, NodeId> _doors = new(); // who let this node in there, which may be known by another address

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
                await views.ChangeAfter(current).WaitAsync(lastDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            delay = delay * 2 < lastDelay ? delay * 2 : lastDelay;
            foreach (var result in await Task.WhenAll(missing.Select(seed => TryAsync(seed, cancellationToken))).ConfigureAwait(false))
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

    private async Task<JoinResult> TryAsync(MissingSeed seed, CancellationToken cancellationToken)
    {
        JoinResult? result = null;
        foreach (var endpoint in seed.Endpoints)
        {
            result = await joiner.JoinAsync(seed.Address, endpoint, cancellationToken).ConfigureAwait(false);
            if (result.By is { } by)
            {
                _doors[endpoint] = by.Id;
                break; // all that it knows is known soon; what is missing then is tried next time
            }
        }

        return result ?? await joiner.JoinAsync(seed.Address, cancellationToken).ConfigureAwait(false); // and that says why the name has no address
    }

    /// <summary>The seeds behind which somebody may be whom this node does not know. Guesses count only for a lonely node.</summary>
    private async Task<List<MissingSeed>> MissingAsync(ClusterView current, CancellationToken cancellationToken)
    {
        var self = current.Local.Endpoint;
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

        List<MissingSeed> missing = [];
        List<NodeEndpoint> resolved = [];
        foreach (var seed in seeds)
        {
            // A name may stand for this node and for others: only when it stands for this node alone there is nobody to look for.
            var endpoints = await joiner.ResolveAsync(seed, cancellationToken).ConfigureAwait(false);
            resolved.AddRange(endpoints);
            List<NodeEndpoint> unknown = [.. endpoints.Where(endpoint => !self.IsReachedBy(endpoint) && !IsKnown(current, endpoint))];
            if (unknown.Count > 0 || endpoints.Count == 0)
            {
                missing.Add(new MissingSeed(seed, unknown));
            }
        }

        foreach (var (door, _) in _doors)
        {
            if (!resolved.Contains(door))
            {
                _doors.TryRemove(door, out _);
            }
        }

        return missing;
    }

    /// <summary>A walk for each endpoint: a set of all members would be as much garbage each time.</summary>
    private bool IsKnown(ClusterView view, NodeEndpoint endpoint)
    {
        var isDoor = _doors.TryGetValue(endpoint, out var behind);
        foreach (var member in view.Members)
        {
            if (!member.IsLocal && member.IsPresent && (member.Endpoint.IsReachedBy(endpoint) || (isDoor && member.Id == behind)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A seed, and the endpoints at which nobody known is; none of them when the name has no address.</summary>
    private sealed record MissingSeed(string Address, List<NodeEndpoint> Endpoints);
}
