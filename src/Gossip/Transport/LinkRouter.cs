using System.Collections.Concurrent;

namespace Gossip.Transport;

/// <summary>
/// Picks the way to a peer: by socket where it has one, by web where it has only that, and where it has both by socket first. Where the socket failed the web
/// comes first for a while, so that a blocked port costs its patience once and not with each dial.
/// </summary>
internal sealed class LinkRouter(LinkDialer sockets, LinkDialer web, TransportOptions limits)
{
    /// <summary>A port that is blocked stays so for long, and a host that was away is back within some probes.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    /// <summary>More than connections; when full the memory starts over, and costs some patience.</summary>
    private const int MaxRemembered = 4096;

    private readonly ConcurrentDictionary<NodeEndpoint, long> _blocked = new();

    public ILinkOpening Dial(NodeEndpoint peer) =>
        peer.Web is null ? sockets(peer)
        : peer.HasSocket ? new TwoWays(this, peer)
        : web(peer);

    private bool IsBlocked(in NodeEndpoint peer) => _blocked.TryGetValue(peer, out var since) && limits.TimeProvider.GetElapsedTime(since) < Memory;

    private void Remember(in NodeEndpoint peer)
    {
        if (_blocked.Count >= MaxRemembered)
        {
            _blocked.Clear();
        }

        _blocked[peer] = limits.TimeProvider.GetTimestamp();
    }

    private async ValueTask<IByteLink> OpenAsync(NodeEndpoint peer, CancellationToken cancellationToken)
    {
        if (IsBlocked(peer))
        {
            return await OpenAsync(web, peer, cancellationToken).ConfigureAwait(false);
        }

        // Half of the time, so that the other way has the other half.
        using var half = new CancellationTokenSource(limits.DialTimeout / 2, limits.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(half.Token, cancellationToken);
        try
        {
            return await OpenAsync(sockets, peer, either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            var link = await OpenAsync(web, peer, cancellationToken).ConfigureAwait(false);
            Remember(peer); // only now: where nothing leads there the socket is as good as the web
            return link;
        }
    }

    private static async ValueTask<IByteLink> OpenAsync(LinkDialer way, NodeEndpoint peer, CancellationToken cancellationToken)
    {
        using var opening = way(peer);
        return await opening.OpenAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed class TwoWays(LinkRouter router, NodeEndpoint peer) : ILinkOpening
    {
        public ValueTask<IByteLink> OpenAsync(CancellationToken cancellationToken) => router.OpenAsync(peer, cancellationToken);

        public void Dispose()
        {
            // Nothing was opened.
        }
    }
}
