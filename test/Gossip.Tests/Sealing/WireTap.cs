using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Tests.Sealing;

/// <summary>An address that passes all UDP and TCP traffic on to a node, both ways, and keeps a copy of every byte.</summary>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<IPEndPoint> _target = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentBag<Task> _work = [];
    private readonly ConcurrentDictionary<IPEndPoint, Socket> _clients = new();
    private readonly MemoryStream _captured = new();
    private readonly TcpListener _listener;
    private readonly Socket _datagrams;

    public WireTap()
    {
        // A port that is free for both.
        while (true)
        {
            _listener = new TcpListener(IPAddress.Loopback, 0);
            _listener.Start();
            _datagrams = NewDatagramSocket();
            try
            {
                _datagrams.Bind(_listener.LocalEndpoint);
                break;
            }
            catch (SocketException)
            {
                _listener.Dispose();
                _datagrams.Dispose();
            }
        }

        _work.Add(AcceptAsync());
        _work.Add(ForwardDatagramsAsync());
    }

    /// <summary>From now on no bytes are taken out of streams, so that whoever writes is held up; datagrams pass.</summary>
    public bool StreamsStand { get; set; }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public byte[] Captured
    {
        get
        {
            lock (_captured)
            {
                return _captured.ToArray();
            }
        }
    }

    /// <summary>Where the traffic goes; connections wait until it is known.</summary>
    public void LeadTo(IPEndPoint target) => _target.SetResult(target);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await Task.WhenAll(_work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _datagrams.Dispose();
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        _stop.Dispose();
    }

    private static Socket NewDatagramSocket() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    private async Task AcceptAsync()
    {
        while (true)
        {
            _work.Add(RelayAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
    }

    private async Task RelayAsync(Socket near)
    {
        using (near)
        using (var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await far.ConnectAsync(await _target.Task.WaitAsync(_stop.Token), _stop.Token);
            await Task.WhenAll(CopyAsync(near, far), CopyAsync(far, near)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        from.NoDelay = to.NoDelay = true;
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var size = await from.ReceiveAsync(buffer, _stop.Token);
            if (StreamsStand)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }

            if (size == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            Keep(buffer.AsSpan(0, size));
            await to.SendAsync(buffer.AsMemory(0, size), _stop.Token);
        }
    }

    private async Task ForwardDatagramsAsync()
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            Keep(buffer.AsSpan(0, received.ReceivedBytes));
            if (_target.Task.IsCompletedSuccessfully)
            {
                await ClientFor((IPEndPoint)received.RemoteEndPoint).SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), await _target.Task, _stop.Token);
            }
        }
    }

    /// <summary>Answers come back to a socket of each client's own, as through a NAT.</summary>
    private Socket ClientFor(IPEndPoint client) => _clients.GetOrAdd(client, _ =>
    {
        var socket = NewDatagramSocket();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _work.Add(ReturnDatagramsAsync(socket, client));
        return socket;
    });

    private async Task ReturnDatagramsAsync(Socket socket, IPEndPoint client)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            Keep(buffer.AsSpan(0, received.ReceivedBytes));
            await _datagrams.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), client, _stop.Token);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_captured)
        {
            _captured.Write(bytes);
        }
    }
}
