using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class FrameTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_frame_arrives_and_is_answered_on_its_own_connection(string address)
    {
        LoopbackNode.SkipWithoutIpv6(address);
        var bind = NodeEndpoint.From(IPAddress.Parse(address), 0);
        await using var one = LoopbackNode.Start(options => options with { BindEndpoint = bind });
        await using var other = LoopbackNode.Start(options => options with { BindEndpoint = bind });

        Assert.True(one.Transport.TrySendFrame(other.Endpoint, [1, 2, 3]));
        var (accepted, packet) = await other.Sink.Frames.NextAsync();
        Assert.Equal([1, 2, 3], packet);
        Assert.True(accepted.Peer.IsNone);

        Assert.True(accepted.TrySend([4]));
        (var dialled, packet) = await one.Sink.Frames.NextAsync();
        Assert.Equal([4], packet);
        Assert.Equal(other.Endpoint, dialled.Peer);
        Assert.Equal(0, one.Counters.ConnectionsAccepted.Value);
        Assert.Equal(1, one.Counters.ConnectionsDialled.Value);

        // The writer counts after the send, and so perhaps after the frame arrived.
        await Awaiting.UntilAsync(() => one.Counters.FramesOut.Value == 1);
        Assert.Equal(7, one.Counters.FrameBytesOut.Value);
        Assert.Equal(1, one.Counters.FramesIn.Value);
        Assert.Equal(5, one.Counters.FrameBytesIn.Value);
    }

    [Fact]
    public async Task Held_frames_arrive_when_they_are_flushed_and_those_to_a_peer_that_must_be_dialled_first()
    {
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start();

        Assert.True(one.Transport.TryHoldFrame(other.Endpoint, [1]));
        one.Transport.Flush(other.Endpoint);
        Assert.Equal([1], (await other.Sink.Frames.NextAsync()).Packet);

        await Awaiting.UntilAsync(() => one.Counters.FramesOut.Value == 1); // now the writer sleeps
        Assert.True(one.Transport.TryHoldFrame(other.Endpoint, [2]));
        Assert.True(one.Transport.TryHoldFrame(other.Endpoint, [3]));
        one.Transport.Flush(other.Endpoint);
        Assert.Equal([2], (await other.Sink.Frames.NextAsync()).Packet);
        Assert.Equal([3], (await other.Sink.Frames.NextAsync()).Packet);
        one.Transport.Flush(one.Endpoint); // of nobody, and nothing
    }

    [Fact]
    public async Task Ten_thousand_frames_of_many_threads_arrive_each_threads_in_order()
    {
        const int threads = 8;
        const int perThread = 1250;
        await using var one = LoopbackNode.Start(options => options with { SendQueueBytes = 16 * 1024 });
        await using var other = LoopbackNode.Start();

        var senders = Enumerable.Range(0, threads).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < perThread; i++)
            {
                var packet = new byte[8 + (i % 100)];
                BinaryPrimitives.WriteInt32LittleEndian(packet, thread);
                BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(4), i);
                await one.Transport.SendFrameAsync(other.Endpoint, packet, TestContext.Current.CancellationToken);
            }
        })).ToArray();

        var next = new int[threads];
        for (var i = 0; i < threads * perThread; i++)
        {
            var packet = (await other.Sink.Frames.NextAsync()).Packet;
            Assert.Equal(next[BinaryPrimitives.ReadInt32LittleEndian(packet)]++, BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(4)));
        }

        await Task.WhenAll(senders).InTime();
        Assert.Equal(1, one.Counters.ConnectionsDialled.Value);
    }

    [Fact]
    public async Task The_largest_frame_arrives_whole()
    {
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start();
        var packet = FrameDecoderTests.RandomPacket(new Random(3), 4 * 1024 * 1024);

        Assert.True(one.Transport.TrySendFrame(other.Endpoint, packet));

        Assert.Equal(packet, (await other.Sink.Frames.NextAsync()).Packet);
    }

    [Fact]
    public async Task Frames_that_a_peer_would_refuse_are_not_taken()
    {
        await using var node = LoopbackNode.Start(options => options with { MaxFrameSize = 100 });

        Assert.Throws<ArgumentOutOfRangeException>(() => node.Transport.TrySendFrame(node.Endpoint, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.Transport.TrySendFrame(node.Endpoint, new byte[101]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => node.Transport.SendFrameAsync(node.Endpoint, new byte[101], CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task A_slow_receiver_is_handed_one_frame_at_a_time()
    {
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start();
        var goOn = new TaskCompletionSource();
        other.Sink.Handler = async (_, token) => await goOn.Task.WaitAsync(token);

        one.Transport.TrySendFrame(other.Endpoint, [1]);
        one.Transport.TrySendFrame(other.Endpoint, [2]);
        Assert.Equal([1], (await other.Sink.Frames.NextAsync()).Packet);
        Assert.False(other.Sink.Frames.Reader.TryRead(out _));

        goOn.SetResult();
        Assert.Equal([2], (await other.Sink.Frames.NextAsync()).Packet);
    }

    [Fact]
    public async Task A_full_queue_refuses_or_waits_and_stops_nobody_else()
    {
        using var lazy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        lazy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        lazy.Listen();
        var to = NodeEndpoint.From((IPEndPoint)lazy.LocalEndPoint!);
        await using var node = LoopbackNode.Start(options => options with { SendQueueBytes = 256 * 1024 });
        await using var healthy = LoopbackNode.Start();
        var packet = new byte[60 * 1024];
        var cancellation = TestContext.Current.CancellationToken;

        // More than systems buffer for a socket by themselves (Linux: up to 4 MiB here).
        var sends = Enumerable.Range(0, 200).Select(_ => node.Transport.SendFrameAsync(to, packet, cancellation).AsTask()).ToArray();
        Assert.False(node.Transport.TrySendFrame(to, packet));
        Assert.False(sends[^1].IsCompleted);
        await node.Transport.SendFrameAsync(healthy.Endpoint, new byte[] { 7 }, cancellation);
        Assert.Equal([7], (await healthy.Sink.Frames.NextAsync()).Packet);

        using var reading = await lazy.AcceptAsync(cancellation);
        var buffer = new byte[64 * 1024];
        for (var missing = sends.Length * (packet.Length + FrameFormat.LengthSize); missing > 0;)
        {
            missing -= await reading.ReceiveAsync(buffer, cancellation).AsTask().InTime();
        }

        await Task.WhenAll(sends).InTime();
        await Awaiting.UntilAsync(() => node.Transport.TrySendFrame(to, packet));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Senders_that_wait_do_not_wait_for_a_broken_connection(bool brokenHere)
    {
        using var lazy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        lazy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        lazy.Listen();
        var to = NodeEndpoint.From((IPEndPoint)lazy.LocalEndPoint!);
        await using var node = LoopbackNode.Start(options => options with { SendQueueBytes = 64 * 1024 });
        var packet = new byte[60 * 1024];
        var cancellation = TestContext.Current.CancellationToken;
        var sends = Enumerable.Range(0, 200).Select(_ => node.Transport.SendFrameAsync(to, packet, cancellation).AsTask()).ToArray();
        using var stuck = await lazy.AcceptAsync(cancellation);
        await stuck.SendAsync(FrameDecoderTests.Frame([1]), cancellation);
        var (connection, _) = await node.Sink.Frames.NextAsync();
        lazy.Dispose();

        if (brokenHere)
        {
            connection.Close(new InvalidOperationException("cut"));
            var error = await Assert.ThrowsAsync<IOException>(() => sends[^1].InTime());
            Assert.IsType<InvalidOperationException>(error.InnerException);
        }
        else
        {
            // A reset may show as the end of the stream first; senders then dial, and that fails.
            stuck.LingerState = new LingerOption(true, 0);
            stuck.Dispose();
            await Task.WhenAll(sends).ContinueWith(_ => { }, TaskScheduler.Default).InTime();
        }

        Assert.NotNull((await node.Sink.Disconnects.NextAsync()).Error);
        Assert.False(node.Sink.Disconnects.Reader.TryRead(out _));
    }
}
