using System.Collections.Concurrent;
using Gossip.Diagnostics;
using Gossip.Discovery;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>
/// Keeps trying seeds that nobody known listens at, for ever and at a decaying rate, so that a node which was alone, or cut
/// off together with its seeds' addresses, comes back by itself. Many nodes may stand behind one name, and nodes that start together join whichever of them answers first: so each endpoint of
/// a name counts, or groups that formed behind it would never meet.
/// </summary>
internal sealed class SeedKeeper(Joiner joiner, ViewFeed views, SeedSources sources, TimeProvider time, ILogger logger, TimeSpan lastDelay)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    /// <summary>The longest time between two tries of a member: whoever comes to be at a seed looks for others, too.</summary>
    public static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(30);

    /// <summary>The same for a client, which nobody looks for.</summary>
    public static readonly TimeSpan LastDelayOfClient = TimeSpan.FromSeconds(5);

    /// <summary>How often sources are asked while nobody is missing: a list that grows is to be noticed soon, and asking costs little.</summary>
    private static readonly TimeSpan AskDelay = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, bool> _seeds = []; // and whether it is a guess
    private IReadOnlyList<string> _provided = []; // what the sources said last
    private readonly ConcurrentDictionary<NodeEndpoint, NodeId> _doors = new(); // who let this node in there, which may be known by another address

    public int Count => All.Count;

    /// <summary>All seeds, each once.</summary>
    public IReadOnlyList<string> All => Present(withGuesses: true);

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

    /// <summary>Asks the sources which seeds there are now, and says whether they are others than before.</summary>
    public async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        var provided = await sources.AskAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var isNews = !provided.SequenceEqual(_provided, StringComparer.Ordinal);
            _provided = provided;
            return isNews;
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            await AskAsync(cancellationToken).ConfigureAwait(false);
            var current = views.Current;
            var missing = current.Local.State is MemberState.Alive or MemberState.Joining
                ? await MissingAsync(current, cancellationToken).ConfigureAwait(false)
                : [];
            if (missing.Count == 0)
            {
                delay = FirstDelay;
                await IdleAsync(current, cancellationToken).ConfigureAwait(false);
                continue;
            }

            delay = delay * 2 < lastDelay ? delay * 2 : lastDelay;
            foreach (var result in await Task.WhenAll(missing.Select(seed => TryAsync(seed, cancellationToken))).ConfigureAwait(false))
            {
                Report(result, delay);
            }
        }
    }

    /// <summary>While nobody comes or goes only sources can change what they say, and names what they stand for.</summary>
    private async Task IdleAsync(ClusterView current, CancellationToken cancellationToken)
    {
        var change = views.ChangeAfter(current);
        var step = sources.IsEmpty || AskDelay > lastDelay ? lastDelay : AskDelay;
        for (var waited = TimeSpan.Zero; waited < lastDelay; waited += step)
        {
            await change.WaitAsync(step, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (change.IsCompleted || await AskAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
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
            return _seeds.GetValueOrDefault(seed) && !_provided.Contains(seed, StringComparer.Ordinal);
        }
    }

    private async Task<JoinResult> TryAsync(MissingSeed seed, CancellationToken cancellationToken)
    {
        if (seed.Endpoints.Count == 0)
        {
            return await joiner.JoinAsync(seed.Address, cancellationToken).ConfigureAwait(false); // which says why the name has no address
        }

        // One that lets the node in is enough: all that it knows is known soon, and what is missing then is tried next time.
        var (result, through) = await joiner.JoinAsync(seed.Address, seed.Endpoints, cancellationToken).ConfigureAwait(false);
        if (result.By is { } by)
        {
            _doors[through] = by.Id;
        }

        return result;
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

        List<MissingSeed> missing = [];
        List<NodeEndpoint> resolved = [];
        foreach (var seed in Present(withGuesses: isAlone))
        {
            // A name may stand for this node and for others: only when it stands for this node alone there is nobody to look for.
            var endpoints = await joiner.ResolveAsync(seed, cancellationToken).ConfigureAwait(false);
            resolved.AddRange(endpoints);
            List<NodeEndpoint> unknown = [.. endpoints.Where(endpoint => !endpoint.SharesWayWith(self) && !IsKnown(current, endpoint))];
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

    private List<string> Present(bool withGuesses)
    {
        lock (_gate)
        {
            return [.. _seeds.Where(seed => withGuesses || !seed.Value).Select(seed => seed.Key).Union(_provided, StringComparer.Ordinal)];
        }
    }

    /// <summary>A walk for each endpoint: a set of all members would be as much garbage each time.</summary>
    private bool IsKnown(ClusterView view, NodeEndpoint endpoint)
    {
        var isDoor = _doors.TryGetValue(endpoint, out var behind);
        foreach (var member in view.Members)
        {
            if (!member.IsLocal && member.IsPresent && (member.Endpoint.SharesWayWith(endpoint) || (isDoor && member.Id == behind)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A seed, and the endpoints at which nobody known is; none of them when the name has no address.</summary>
    private sealed record MissingSeed(string Address, List<NodeEndpoint> Endpoints);
}
