using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gossip.Transport;

namespace Gossip.Node;

/// <summary>Joins through addresses: resolves them anew each time, tries the endpoints of a name one soon after the other, and says for each address what came of it.</summary>
internal sealed class Joiner(Pump pump, SeedResolver resolver, Func<NodeEndpoint> self, TimeProvider time)
{
    /// <summary>Of a first token, so that counting on never overflows and no token is negative.</summary>
    private const int SparedBits = 2;

    private readonly ConcurrentDictionary<long, Waiter> _pending = new();
    private long _token = FirstToken();

    /// <summary>Tries all addresses at once.</summary>
    public async Task<IReadOnlyList<JoinResult>> JoinAsync(IEnumerable<string> addresses, CancellationToken cancellationToken) =>
        await Task.WhenAll(addresses.Select(address => JoinAsync(address, cancellationToken))).ConfigureAwait(false);

    /// <summary>The endpoints that an address stands for now; none when it cannot be resolved.</summary>
    public async Task<IReadOnlyList<NodeEndpoint>> ResolveAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            return await resolver.ResolveAsync(GossipAddress.Parse(address), cancellationToken).ConfigureAwait(false);
        }
        catch (SeedUnresolvableException)
        {
            return [];
        }
    }

    public void OnSettled(in EngineEvent settled)
    {
        if (_pending.TryRemove(settled.Token, out var waiter))
        {
            waiter.Settled.TrySetResult(settled);
        }
    }

    /// <summary>
    /// The node at an endpoint, or somebody on the way there, says that the keys differ. That ends only the wait for the joins through that endpoint,
    /// which whoever can say so could end by breaking the connection, too. The engine learns nothing, and a true answer that comes later still holds.
    /// </summary>
    public void OnKeyMismatch(in NodeEndpoint endpoint) => Settle(endpoint, JoinStatus.KeyMismatch);

    /// <summary>The web server at an endpoint wants another token.</summary>
    public void OnTokenRefused(in NodeEndpoint endpoint) => Settle(endpoint, JoinStatus.TokenRefused);

    private void Settle(in NodeEndpoint endpoint, JoinStatus status)
    {
        foreach (var (token, waiter) in _pending)
        {
            if (waiter.Endpoint == endpoint)
            {
                OnSettled(new EngineEvent(EngineEventKind.JoinSettled) { Token = token, Endpoint = endpoint, Status = status });
            }
        }
    }

    /// <summary>Ends all joins: the node stops.</summary>
    public void Stop()
    {
        foreach (var token in _pending.Keys)
        {
            OnSettled(new EngineEvent(EngineEventKind.JoinSettled) { Token = token, Status = JoinStatus.Stopped });
        }
    }

    /// <summary>Tries the endpoints of an address, until one lets the node in.</summary>
    public async Task<JoinResult> JoinAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            var endpoints = await resolver.ResolveAsync(GossipAddress.Parse(address), cancellationToken).ConfigureAwait(false);
            return (await JoinAsync(address, endpoints, cancellationToken).ConfigureAwait(false)).Result;
        }
        catch (SeedUnresolvableException e)
        {
            return new JoinResult(address, JoinFailure.Unresolvable, null, e);
        }
    }

    /// <summary>Tries endpoints of an address, at least one.</summary>
    public async Task<JoinOutcome> JoinAsync(string address, IReadOnlyList<NodeEndpoint> endpoints, CancellationToken cancellationToken)
    {
        var me = self();
        NodeEndpoint[] others = [.. endpoints.Where(endpoint => !endpoint.SharesWayWith(me))];
        if (others.Length == 0)
        {
            return new JoinOutcome(Result(address, endpoints[0], JoinStatus.Self, null), endpoints[0]);
        }

        var tried = await StaggeredAttempts.RunAsync(
            others,
            async (endpoint, token) => new JoinOutcome(await JoinAsync(address, endpoint, token).ConfigureAwait(false), endpoint),
            static outcome => outcome.Result.Succeeded,
            time,
            cancellationToken).ConfigureAwait(false);
        return tried[^1].Result.Succeeded ? tried[^1] : JoinOutcome.Worst(address, tried);
    }

    /// <summary>Tries one endpoint of an address.</summary>
    private async Task<JoinResult> JoinAsync(string address, NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        var result = await TryAsync(address, endpoint, cancellationToken).ConfigureAwait(false);
        return result.Failure is JoinFailure.StaleGeneration or JoinFailure.Stopped
            ? await TryAsync(address, endpoint, cancellationToken).ConfigureAwait(false) // the node has begun a new life with a higher generation by now, because of this answer or of another
            : result;
    }

    private async Task<JoinResult> TryAsync(string address, NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        var token = Interlocked.Increment(ref _token);
        var waiter = new Waiter(endpoint);
        _pending[token] = waiter;
        try
        {
            await pump.CallAsync(
                (engine, now) =>
                {
                    engine.Join(now, endpoint, token);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            var settled = await waiter.Settled.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return Result(address, endpoint, settled.Status, settled.Subject, settled.Reason);
        }
        catch (GossipStateException)
        {
            return Result(address, endpoint, JoinStatus.Stopped, null); // the pump has ended, and the node with it
        }
        finally
        {
            _pending.TryRemove(token, out _);
        }
    }

    /// <summary>
    /// Drawn, because a token is all that ties an answer to a question: an answer that another node got, and somebody recorded, must not fit here.
    /// </summary>
    private static long FirstToken()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> SparedBits);
    }

    private static JoinResult Result(string address, NodeEndpoint endpoint, JoinStatus status, NodeInstance? by, string? reason = null)
    {
        var (failure, problem) = status switch
        {
            JoinStatus.Accepted => (JoinFailure.None, ""),
            JoinStatus.Unreachable when !endpoint.HasSocket => (JoinFailure.Unreachable,
                "no gossip node answers at this URL. Check that the application there runs and maps gossip at this path (MapGossip), and that each proxy on the way lets WebSockets through."),
            JoinStatus.Unreachable => (JoinFailure.Unreachable,
                "nothing accepts TCP connections there. Check that the node runs, listens beyond loopback (BindAddress) if it is on another machine, and that no firewall blocks TCP and UDP on its port; and that its AllowedNetworks, if it has any, contain this node's address."),
            JoinStatus.TimedOut => (JoinFailure.TimedOut,
                "something accepted the connection and gave no answer. Check that it is a gossip node, and not another service's port; that both have the same EncryptionKeys; and that its AllowedNetworks, if it has any, contain this node's address."),
            JoinStatus.ClusterMismatch => (JoinFailure.ClusterMismatch,
                "the node there belongs to another cluster. Give both the same ClusterName and ServiceId."),
            JoinStatus.VersionMismatch => (JoinFailure.VersionMismatch,
                $"{reason ?? "the node there does not accept this version"}. Check the library's version and ApplicationVersion on both sides."),
            JoinStatus.Self => (JoinFailure.Self, "it is this node itself. List other nodes, too."),
            JoinStatus.DuplicateId => (JoinFailure.DuplicateId,
                "another living process there has this node's identity. Give each process its own NodeId; if it was this node's own last process, it will be declared dead in some seconds, and the join is tried again."),
            JoinStatus.StaleGeneration => (JoinFailure.StaleGeneration,
                "the cluster remembers a later process of this node: its clock went back. The node raises its generation and tries again."),
            JoinStatus.Full => (JoinFailure.Full, "no more members are admitted. Raise MaxMembers on every node."),
            JoinStatus.NotReady => (JoinFailure.NotReady,
                "the node there has not joined its own cluster yet, so it cannot say whether all members there understand this node. It is tried again."),
            JoinStatus.KeyMismatch => (JoinFailure.KeyMismatch,
                "the node there and this one cannot read each other's packets. Compare EncryptionKeys, ClusterName and ServiceId on both sides; if keys were changed while this node was away, put the present one first in its EncryptionKeys."),
            JoinStatus.TokenRefused => (JoinFailure.TokenRefused,
                "the web server there refuses this node's bearer token. Give every node the same Web.Token; if a proxy on the way asks for a token of its own, let it pass this path."),
            _ => (JoinFailure.Stopped, "the node left or stopped meanwhile."),
        };
        return failure == JoinFailure.None
            ? new JoinResult(address, failure, by, null)
            : new JoinResult(address, failure, null, new GossipJoinException(failure, $"Cannot join through {address} ({endpoint}): {problem}"));
    }

    /// <summary>Who waits for the outcome of a join through an endpoint.</summary>
    private sealed record Waiter(NodeEndpoint Endpoint)
    {
        public TaskCompletionSource<EngineEvent> Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
