using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>Bytes over one TCP socket.</summary>
internal sealed class SocketLink : IByteLink
{
    private readonly Socket _socket;

    /// <summary>Takes over a connected socket.</summary>
    /// <exception cref="SocketException">The peer is gone again.</exception>
    public SocketLink(Socket socket)
    {
        _socket = socket;
        try
        {
            socket.NoDelay = true;
            RemoteEndpoint = NodeEndpoint.From((IPEndPoint)socket.RemoteEndPoint!);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public NodeEndpoint RemoteEndpoint { get; }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
        }
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        _socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _socket.Dispose();
}

/// <summary>A TCP connection to be dialled.</summary>
internal sealed class SocketDial(NodeEndpoint target) : ILinkOpening
{
    public async ValueTask<IByteLink> OpenAsync(CancellationToken cancellationToken) => new SocketLink(await ConnectAsync(target, cancellationToken).ConfigureAwait(false));

    public void Dispose()
    {
        // Nothing was opened.
    }

    /// <summary>A socket that is connected to <paramref name="target"/>.</summary>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    public static async ValueTask<Socket> ConnectAsync(NodeEndpoint target, CancellationToken cancellationToken)
    {
        var endpoint = target.ToIPEndPoint();
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);

            // Dialling a closed local port can pick that very port as its source and reach itself: nobody listens there.
            return endpoint.Equals(socket.LocalEndPoint) ? throw new SocketException((int)SocketError.ConnectionRefused) : socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A TCP connection that was accepted.</summary>
internal sealed class SocketArrival(Socket socket) : ILinkOpening
{
    public ValueTask<IByteLink> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IByteLink>(new SocketLink(socket));

    public void Dispose() => socket.Dispose();
}
