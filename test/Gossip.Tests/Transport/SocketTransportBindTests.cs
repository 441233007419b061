using System.Net;
using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class SocketTransportBindTests
{
    private static readonly TransportOptions AnyPort = new() { BindEndpoint = LoopbackNode.AnyPort };

    [Fact]
    public async Task Port_zero_gives_one_port_for_both()
    {
        await using var transport = SocketTransport.Bind(AnyPort);
        var endpoint = transport.LocalEndpoint.ToIPEndPoint();

        Assert.NotEqual(0, endpoint.Port);
        AssertTaken(endpoint, SocketType.Stream, ProtocolType.Tcp);
        AssertTaken(endpoint, SocketType.Dgram, ProtocolType.Udp);
    }

    [Fact]
    public async Task A_stream_only_node_leaves_the_udp_port_alone()
    {
        await using var transport = SocketTransport.Bind(AnyPort with { StreamOnly = true });

        Assert.True(transport.StreamOnly);
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(transport.LocalEndpoint.ToIPEndPoint());
    }

    [Fact]
    public void A_taken_tcp_port_says_what_to_change()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();

        AssertTakenMessage("TCP", NodeEndpoint.From((IPEndPoint)other.LocalEndPoint!));
    }

    [Fact]
    public void A_taken_udp_port_says_what_to_change_and_frees_the_tcp_port()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = (IPEndPoint)other.LocalEndPoint!;

        AssertTakenMessage("UDP", NodeEndpoint.From(endpoint));

        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
        tcp.Bind(endpoint);
        tcp.Listen();
    }

    [Fact]
    public void An_address_of_another_host_names_the_advertised_address()
    {
        var foreign = NodeEndpoint.From(IPAddress.Parse("203.0.113.7"), 0); // for documentation only (RFC 5737)

        var error = Assert.Throws<GossipBindException>(() => SocketTransport.Bind(new TransportOptions { BindEndpoint = foreign }));

        Assert.Contains("203.0.113.7 is not an address of this host", error.Message, StringComparison.Ordinal);
        Assert.Contains("AdvertiseAddress", error.Message, StringComparison.Ordinal);
        Assert.IsType<SocketException>(error.InnerException);
    }

    [Fact]
    public async Task Disposal_frees_the_port_at_once_and_leaves_nothing_running()
    {
        await using var peer = LoopbackNode.Start();
        var node = LoopbackNode.Start();
        var options = new TransportOptions { BindEndpoint = node.Endpoint };
        Assert.True(node.Transport.TrySendFrame(peer.Endpoint, [1]));
        Assert.True(peer.Transport.TrySendFrame(node.Endpoint, [2]));
        await node.Sink.Frames.NextAsync();
        await peer.Sink.Frames.NextAsync();

        await Task.WhenAll(node.DisposeAsync().AsTask(), node.DisposeAsync().AsTask()).InTime();

        Assert.Equal(0, node.Counters.ConnectionsOpen);
        Assert.False(node.Transport.TrySendFrame(peer.Endpoint, [1]));
        node.Transport.TrySendDatagram(peer.Endpoint, [1]);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => node.Transport.SendFrameAsync(peer.Endpoint, new byte[1], CancellationToken.None).AsTask());
        await using var again = SocketTransport.Bind(options);
        Assert.Equal(options.BindEndpoint, again.LocalEndpoint);
    }

    [Fact]
    public async Task Disposal_flushes_what_is_queued()
    {
        await using var peer = LoopbackNode.Start();
        var node = LoopbackNode.Start(options => options with { FlushTimeout = TimeSpan.FromSeconds(30) });
        for (byte i = 0; i < 100; i++)
        {
            Assert.True(node.Transport.TrySendFrame(peer.Endpoint, [i]));
        }

        await node.DisposeAsync().AsTask().InTime();

        for (byte i = 0; i < 100; i++)
        {
            Assert.Equal([i], (await peer.Sink.Frames.NextAsync()).Packet);
        }

        Assert.Null((await peer.Sink.Disconnects.NextAsync()).Error);
    }

    [Fact]
    public async Task Disposal_waits_for_no_peer_that_has_stopped()
    {
        using var stuck = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stuck.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        stuck.Listen();
        var node = LoopbackNode.Start();
        var to = NodeEndpoint.From((IPEndPoint)stuck.LocalEndPoint!);
        node.Transport.TrySendFrame(to, [1]);
        await Awaiting.UntilAsync(() => node.Counters.ConnectionsOpen == 1);

        await node.DisposeAsync().AsTask().InTime();

        await node.Sink.Disconnects.NextAsync();
        Assert.Equal(0, node.Counters.ConnectionsOpen);
    }

    private static void AssertTaken(IPEndPoint endpoint, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol) { ExclusiveAddressUse = true };
        Assert.Throws<SocketException>(() => socket.Bind(endpoint));
    }

    private static void AssertTakenMessage(string protocol, NodeEndpoint endpoint)
    {
        var error = Assert.Throws<GossipBindException>(() => SocketTransport.Bind(new TransportOptions { BindEndpoint = endpoint }));

        Assert.Contains($"Cannot listen at {endpoint}: {protocol} port {endpoint.Port} is already in use", error.Message, StringComparison.Ordinal);
        Assert.Contains("BindAddress", error.Message, StringComparison.Ordinal);
        Assert.Contains("port 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("Stop the other process", error.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<GossipException>(error);
        Assert.IsType<SocketException>(error.InnerException);
    }
}
