using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>The UDP side of a node: one receive loop and sends that never wait, neither of which allocates per datagram.</summary>
internal sealed class DatagramLink(Socket socket, TransportOptions options, TransportCounters counters)
{
    /// <summary>The largest datagram there is, so that a peer with a larger limit than ours is not cut short.</summary>
    private const int ReceiveBufferSize = 64 * 1024;

    /// <summary>More peers than a node sends to in a while; when full the cache starts over, for an entry is cheap to build.</summary>
    private const int MaxCachedAddresses = 8192;

    /// <summary>So that an error which comes at once each time does not take a whole processor.</summary>
    private static readonly TimeSpan ErrorPause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<NodeEndpoint, SocketAddress> _addresses = new();
    private int _cached;

    /// <summary>Hands up datagrams until cancelled; no error ends it.</summary>
    public async Task ReceiveAsync(ITransportSink sink, CancellationToken cancellationToken)
    {
        Memory<byte> buffer = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);
        var from = new SocketAddress(socket.AddressFamily);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var size = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, cancellationToken).ConfigureAwait(false);
                counters.DatagramsIn.Add();
                counters.DatagramBytesIn.Add(size);
                if (size > 0 && SocketAddressFormat.TryRead(from, out var sender))
                {
                    sink.OnDatagram(sender, buffer.Span[..size]);
                }
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                counters.DatagramReceiveErrors.Add();
                await Task.Delay(ErrorPause, options.TimeProvider, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public bool TrySend(in NodeEndpoint to, ReadOnlySpan<byte> packet, ITransportSink sink)
    {
        try
        {
            socket.SendTo(packet, SocketFlags.None, AddressOf(to));
            counters.DatagramsOut.Add();
            counters.DatagramBytesOut.Add(packet.Length);
            return true;
        }
        catch (SocketException error)
        {
            counters.DatagramsDropped.Add();

            // No room is what a network does too, and resets and addresses out of reach tell of the peer; all else tells of this host.
            if (error.SocketErrorCode is not (SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable
                or SocketError.ConnectionReset or SocketError.ConnectionRefused
                or SocketError.AddressFamilyNotSupported or SocketError.HostUnreachable or SocketError.NetworkUnreachable
                or SocketError.MessageSize))
            {
                sink.OnDatagramSendFailed(to, error);
            }
        }
        catch (ObjectDisposedException)
        {
            counters.DatagramsDropped.Add();
        }

        return false;
    }

    private SocketAddress AddressOf(in NodeEndpoint to)
    {
        if (_addresses.TryGetValue(to, out var address))
        {
            return address;
        }

        if (Interlocked.Increment(ref _cached) > MaxCachedAddresses)
        {
            _addresses.Clear();
            Volatile.Write(ref _cached, 1);
        }

        return _addresses.GetOrAdd(to, SocketAddressFormat.Create(to, socket.AddressFamily));
    }
}
