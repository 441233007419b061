using System.Net;

namespace Gossip.Transport;

/// <summary>Bytes over a stream of the user's. Streams cannot end one direction alone: after the last byte the connection waits for the peer as long as for any, and closes.</summary>
internal sealed class ForeignLink(Stream stream, NodeEndpoint remote) : IByteLink
{
    public NodeEndpoint RemoteEndpoint => remote;

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => stream.ReadAsync(buffer, cancellationToken);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Dispose() => stream.Dispose();
}

/// <summary>Asks the user's dialler first.</summary>
internal sealed class ForeignDialer(IGossipDialer dialer, LinkDialer otherwise)
{
    public ILinkOpening Dial(NodeEndpoint peer) => new Opening(dialer, otherwise, peer);

    private sealed class Opening(IGossipDialer dialer, LinkDialer otherwise, NodeEndpoint peer) : ILinkOpening
    {
        public async ValueTask<IByteLink> OpenAsync(CancellationToken cancellationToken)
        {
            IPEndPoint? address = peer.HasSocket ? peer.ToIPEndPoint() : null;
            if (await dialer.DialAsync(address, peer.Web?.Uri, cancellationToken).ConfigureAwait(false) is { } stream)
            {
                return new ForeignLink(stream, peer);
            }

            using var opening = otherwise(peer);
            return await opening.OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        public void Dispose()
        {
            // Nothing was opened.
        }
    }
}
