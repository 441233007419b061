using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gossip.Tests.Discovery;

/// <summary>A DNS server on one free loopback port, UDP and TCP, that says what a test wants: no datagram, one or several for each query; over TCP the first one.</summary>
internal sealed class FakeDns : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private readonly Func<byte[], bool, IEnumerable<byte[]>> _reply;
    private readonly Task[] _loops;

    /// <param name="reply">Takes the query and whether it came over TCP.</param>
    public FakeDns(Func<byte[], bool, IEnumerable<byte[]>> reply)
    {
        _reply = reply;
        while (true)
        {
            _tcp = new TcpListener(IPAddress.Loopback, 0);
            _tcp.Start();
            try
            {
                _udp.Bind(_tcp.LocalEndpoint);
                break;
            }
            catch (SocketException)
            {
                _tcp.Stop(); // taken for UDP
            }
        }

        _loops = [Task.Run(ServeUdpAsync), Task.Run(ServeTcpAsync)];
    }

    public IPEndPoint Endpoint => (IPEndPoint)_tcp.LocalEndpoint;

    public ConcurrentQueue<(string Name, ushort Type, bool OverTcp, int Port)> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _tcp.Stop();
        _udp.Dispose();
        await ((Task)Task.WhenAll(_loops)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            foreach (var reply in Replies(buffer[..received.ReceivedBytes], false, ((IPEndPoint)received.RemoteEndPoint).Port))
            {
                await _udp.SendToAsync(reply, SocketFlags.None, received.RemoteEndPoint, _stop.Token);
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (true)
        {
            using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
            var stream = client.GetStream();
            var length = new byte[2];
            await stream.ReadExactlyAsync(length, _stop.Token);
            var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(query, _stop.Token);
            if (Replies(query, true, 0).FirstOrDefault() is { } reply)
            {
                await stream.WriteAsync((byte[])[.. DnsBytes.Number(reply.Length), .. reply], _stop.Token);
            }
        }
    }

    private IEnumerable<byte[]> Replies(byte[] query, bool overTcp, int port)
    {
        var (name, type) = DnsBytes.Asked(query);
        Asked.Enqueue((name, type, overTcp, port));
        return _reply(query, overTcp);
    }
}
