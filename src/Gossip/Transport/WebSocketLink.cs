using System.Net.WebSockets;

namespace Gossip.Transport;

/// <summary>Bytes over a WebSocket, in binary messages whose bounds mean nothing. The close frame is the end of one direction.</summary>
internal sealed class WebSocketLink(WebSocket socket, NodeEndpoint remote) : IByteLink
{
    /// <summary>How often a quiet link says that it is there: proxies commonly drop what was silent for a minute.</summary>
    public static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromSeconds(15);

    public NodeEndpoint RemoteEndpoint => remote;

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            switch (received.MessageType)
            {
                case WebSocketMessageType.Close:
                    return 0;
                case WebSocketMessageType.Text:
                    throw new InvalidDataException("The peer sent a text message: it is no gossip node.");
            }

            if (received.Count > 0)
            {
                return received.Count; // an empty message is not the end
            }
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    public ValueTask CompleteAsync(CancellationToken cancellationToken) =>
        new(socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken));

    public void Dispose() => socket.Dispose();
}
