using System.Net;

namespace Gossip;

/// <summary>A way of one's own to reach nodes, such as an overlay network; see <see cref="GossipOptions.Dialer"/>. The other side hands what it accepts to <see cref="GossipNode.AcceptAsync(Stream, EndPoint, CancellationToken)"/>.</summary>
public interface IGossipDialer
{
    /// <summary>Opens a way to a node.</summary>
    /// <param name="address">The node's IP address and port; null where it has none.</param>
    /// <param name="webAddress">The node's URL; null where it has none. It may be a mere name: nobody else looks at it, when this dialler takes it.</param>
    /// <param name="cancellationToken">Ends a dial that takes too long.</param>
    /// <returns>A stream that carries bytes both ways, in order, and is the library's from then on; null leaves the node to the library's own ways.</returns>
    /// <remarks>It may be called for several nodes at once. An exception is a node that cannot be reached.</remarks>
    ValueTask<Stream?> DialAsync(IPEndPoint? address, Uri? webAddress, CancellationToken cancellationToken);
}
