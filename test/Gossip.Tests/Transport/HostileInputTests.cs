using System.Net;
using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class HostileInputTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData((4u * 1024 * 1024) + 1)]
    [InlineData(uint.MaxValue)]
    public async Task A_frame_of_a_forbidden_size_ends_its_connection_and_nothing_else(uint length)
    {
        await using var node = LoopbackNode.Start();
        await using var friend = LoopbackNode.Start();
        friend.Transport.TrySendFrame(node.Endpoint, [1]);
        await node.Sink.Frames.NextAsync();
        using var stranger = await node.ConnectStrangerAsync();

        await stranger.SendAsync(FrameDecoderTests.LengthPrefix(length), TestContext.Current.CancellationToken);

        Assert.IsType<InvalidDataException>((await node.Sink.Disconnects.NextAsync()).Error);
        await AssertClosedAsync(stranger);
        Assert.Equal(1, node.Counters.Oversize.Value);
        friend.Transport.TrySendFrame(node.Endpoint, [2]);
        Assert.Equal([2], (await node.Sink.Frames.NextAsync()).Packet);
        Assert.Equal(1, friend.Counters.ConnectionsDialled.Value);
    }

    [Fact]
    public async Task A_connection_that_ends_inside_a_frame_is_an_error()
    {
        await using var node = LoopbackNode.Start();
        using (var stranger = await node.ConnectStrangerAsync())
        {
            await stranger.SendAsync(new byte[] { 9, 0, 0, 0, 1, 2 }, TestContext.Current.CancellationToken);
        }

        Assert.IsType<EndOfStreamException>((await node.Sink.Disconnects.NextAsync()).Error);
        Assert.False(node.Sink.Frames.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(50)]
    public async Task A_stranger_that_shows_no_whole_frame_in_time_is_closed(int bytes)
    {
        await using var node = LoopbackNode.Start(options => options with { FirstFrameTimeout = TimeSpan.FromMilliseconds(50) });
        using var stranger = await node.ConnectStrangerAsync();
        byte[] partial = [.. FrameDecoderTests.LengthPrefix(100), .. new byte[50]];

        await stranger.SendAsync(partial.AsMemory(0, bytes), TestContext.Current.CancellationToken);

        Assert.IsType<TimeoutException>((await node.Sink.Disconnects.NextAsync()).Error);
        await AssertClosedAsync(stranger);
    }

    [Fact]
    public async Task A_stranger_that_never_closes_its_side_is_not_waited_for()
    {
        await using var node = LoopbackNode.Start(options => options with { CloseTimeout = TimeSpan.FromMilliseconds(50) });
        using var stranger = await node.ConnectStrangerAsync();
        await stranger.SendAsync(FrameDecoderTests.Frame([1]), TestContext.Current.CancellationToken);
        var (connection, _) = await node.Sink.Frames.NextAsync();

        connection.Close(null);

        Assert.Equal((connection, null), await node.Sink.Disconnects.NextAsync());
    }

    [Fact]
    public async Task A_peer_that_takes_no_bytes_for_long_is_given_up()
    {
        using var lazy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        lazy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        lazy.Listen();
        await using var node = LoopbackNode.Start(options => options with { IdleTimeout = TimeSpan.FromMilliseconds(50), SendQueueBytes = 64 << 20 });
        for (var i = 0; i < 10; i++)
        {
            Assert.True(node.Transport.TrySendFrame(NodeEndpoint.From((IPEndPoint)lazy.LocalEndPoint!), new byte[4 << 20]));
        }

        Assert.IsType<TimeoutException>((await node.Sink.Disconnects.NextAsync()).Error);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_turned_away()
    {
        await using var node = LoopbackNode.Start(options => options with { MaxConnections = 2 });
        using var first = await node.ConnectStrangerAsync();
        using var second = await node.ConnectStrangerAsync();
        await Awaiting.UntilAsync(() => node.Counters.ConnectionsOpen == 2);

        using var third = await node.ConnectStrangerAsync();
        await AssertClosedAsync(third);
        Assert.Equal(1, node.Counters.ConnectionsRefused.Value);

        first.Dispose();
        await Awaiting.UntilAsync(() => node.Counters.ConnectionsOpen == 1);
        using var fourth = await node.ConnectStrangerAsync();
        await fourth.SendAsync(FrameDecoderTests.Frame([7]), TestContext.Current.CancellationToken);
        Assert.Equal([7], (await node.Sink.Frames.NextAsync()).Packet);
    }

    [Fact]
    public async Task Random_bytes_break_nothing()
    {
        await using var node = LoopbackNode.Start(options => options with { MaxFrameSize = 1000 });
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var random = new Random(5);
        for (var round = 0; round < 100; round++)
        {
            var bytes = FrameDecoderTests.RandomPacket(random, random.Next(2000));
            if (round % 3 == 0 && bytes.Length > 2)
            {
                bytes[2] = bytes[3] = 0; // lengths that get past the first check
            }

            udp.SendTo(bytes, node.Endpoint.ToIPEndPoint());
            using var stranger = await node.ConnectStrangerAsync();
            try
            {
                await stranger.SendAsync(bytes, TestContext.Current.CancellationToken);
            }
            catch (SocketException)
            {
                // Closed by the node already.
            }

            if (round % 2 == 0)
            {
                stranger.LingerState = new LingerOption(true, 0);
            }
        }

        await Awaiting.UntilAsync(() => node.Counters.ConnectionsOpen == 0);
        await using var friend = LoopbackNode.Start();
        friend.Transport.TrySendFrame(node.Endpoint, [1, 2, 3]);
        await Awaiting.UntilAsync(() => node.Sink.Frames.Reader.TryRead(out var frame) && frame.Packet is [1, 2, 3]);
        friend.Transport.TrySendDatagram(node.Endpoint, [1, 2, 3]);
        await Awaiting.UntilAsync(() => node.Sink.Datagrams.Reader.TryRead(out var datagram) && datagram.Packet is [1, 2, 3]);
        Assert.Equal(0, node.Counters.DatagramReceiveErrors.Value);
    }

    private static async Task AssertClosedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().InTime());
        }
        catch (SocketException error)
        {
            Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        }
    }
}
