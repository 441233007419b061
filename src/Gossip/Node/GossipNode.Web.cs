using System.Net;
using Gossip.Transport;

namespace Gossip;

public sealed partial class GossipNode
{
    /// <summary>Takes a connection that another node opened by a way of its own (see <see cref="IGossipDialer"/>). Who may come in that way is for the caller to decide.</summary>
    /// <param name="stream">Carries bytes both ways, in order. It is the node's from now on.</param>
    /// <param name="remote">Where the other side is, for logs. Default: not known.</param>
    /// <param name="cancellationToken">Closes the stream, and with it the connection.</param>
    /// <returns>A task that ends with the connection: false when the node had no room for it, and closed the stream.</returns>
    /// <exception cref="GossipStateException">The node does not run; the stream is left as it is.</exception>
    public async Task<bool> AcceptAsync(Stream stream, EndPoint? remote = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var sockets = Active(nameof(AcceptAsync)).Sockets;
        var hasRoom = sockets.HasRoom;
        using var closing = cancellationToken.UnsafeRegister(static stream => ((Stream)stream!).Dispose(), stream);
        await sockets.Accept(new ForeignLink(stream, remote is IPEndPoint ip ? NodeEndpoint.From(ip) : NodeEndpoint.Nowhere)).ConfigureAwait(false);
        return hasRoom;
    }

    internal GossipOptions Options => _options;

    /// <summary>Whether a web server may hand a link over now.</summary>
    internal bool HasRoomForLink => _state is GossipNodeState.Starting or GossipNodeState.Running or GossipNodeState.Stopping && RuntimeOrNull?.Sockets.HasRoom == true;

    /// <summary>Takes over a link that a web server accepted; the task ends with its connection.</summary>
    internal Task AcceptAsync(IByteLink link)
    {
        if (RuntimeOrNull is { } runtime)
        {
            return runtime.Sockets.Accept(link);
        }

        link.Dispose();
        return Task.CompletedTask;
    }
}
