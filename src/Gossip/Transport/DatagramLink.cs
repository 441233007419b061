using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>The UDP side of a node: one receive loop and sends that never wait, neither of which allocates per datagram.</summary>
internal sealed class DatagramLink(Socket socket, TransportCounters counters, Predicate<NodeEndpoint>? admits = null)
{
    /// <summary>The largest datagram there is, so that a peer with a larger limit than ours is not cut short.</summary>
    private const int ReceiveBufferSize = 64 * 1024;

    /// <summary>More peers than a node sends to in a while; when full the cache starts over, for an entry is cheap to build.</summary>
    private const int MaxCachedAddresses = 8192;

    /// <summary>So long the receiver waits at most before it looks whether it shall end, where nothing wakes it.</summary>
    private static readonly TimeSpan WakePatience = TimeSpan.FromSeconds(5);

    /// <summary>So that an error which comes at once each time does not take a whole processor.</summary>
    private static readonly TimeSpan ErrorPause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<NodeEndpoint, SocketAddress> _addresses = new();
    private int _cached;

    /// <summary>
    /// Hands up datagrams until cancelled, on a thread of its own; no error ends it. By way of the pool each datagram would wake three threads:
    /// the one that polls all sockets, also after each send, then one of the pool, and a second one in case that there is more to do.
    /// </summary>
    public Task ReceiveAsync(ITransportSink sink, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            using (cancellationToken.UnsafeRegister(static link => ((DatagramLink)link!).WakeReceiver(), this))
            {
                Receive(sink, cancellationToken);
            }

            ended.SetResult();
        })
        { IsBackground = true, Name = "gossip datagrams" }.Start();
        return ended.Task;
    }

    private void Receive(ITransportSink sink, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize);
        var from = new SocketAddress(socket.AddressFamily);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!socket.Poll(sink.Patience(WakePatience), SelectMode.SelectRead))
                {
                    sink.OnQuiet();
                    continue;
                }

                if (cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                from.Size = SocketAddress.GetMaximumAddressSize(socket.AddressFamily);
                var size = socket.ReceiveFrom(buffer, SocketFlags.None, from);
                counters.DatagramsIn.Add();
                counters.DatagramBytesIn.Add(size);
                if (size > 0 && SocketAddressFormat.TryRead(from, out var sender) && admits?.Invoke(sender) != false)
                {
                    sink.OnDatagram(sender, buffer.AsSpan(0, size));
                }
            }
            catch (Exception)
            {
                counters.DatagramReceiveErrors.Add();
                cancellationToken.WaitHandle.WaitOne(ErrorPause);
            }
        }
    }

    /// <summary>An empty datagram to itself, which says nothing to anybody.</summary>
    private void WakeReceiver()
    {
        var own = (IPEndPoint)socket.LocalEndPoint!;
        if (own.Address.Equals(IPAddress.Any))
        {
            own = new IPEndPoint(IPAddress.Loopback, own.Port);
        }
        else if (own.Address.Equals(IPAddress.IPv6Any))
        {
            own = new IPEndPoint(IPAddress.IPv6Loopback, own.Port);
        }

        try
        {
            socket.SendTo([], own);
        }
        catch (SocketException)
        {
            // Then it looks by itself after a while.
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
