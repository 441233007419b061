using System.Net.Sockets;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Sealing;

public sealed class SealedTransportTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Every_way_of_sending_arrives_as_it_was(bool keyed, bool streamOnly)
    {
        string[] keys = keyed ? [SealBench.Key] : [];
        await using var a = new SealedEnd(GoldenPackets.A, keys, streamOnly);
        await using var b = new SealedEnd(GoldenPackets.B, keys, streamOnly);

        Assert.True(a.Transport.TrySendDatagram(b.Endpoint, a.Packet()));
        var packet = streamOnly ? (await b.Sink.Frames.NextAsync()).Packet : (await b.Sink.Datagrams.NextAsync()).Packet;
        Assert.Equal(a.Packet(), packet);

        Assert.True(a.Transport.TrySendFrame(b.Endpoint, a.Packet(2000)));
        var (accepted, frame) = await b.Sink.Frames.NextAsync();
        Assert.Equal(a.Packet(2000), frame);
        await a.Transport.SendFrameAsync(b.Endpoint, a.Packet(1_000_000), Cancellation);
        Assert.Equal(a.Packet(1_000_000), (await b.Sink.Frames.NextAsync()).Packet);

        Assert.True(accepted.TrySend(b.Packet()));
        Assert.Equal(b.Packet(), (await a.Sink.Frames.NextAsync()).Packet);
        b.Transport.BindConnection(accepted, a.Endpoint);
        Assert.True(b.Transport.TrySendFrame(a.Endpoint, b.Packet(7)));
        Assert.Equal(b.Packet(7), (await a.Sink.Frames.NextAsync()).Packet);

        Assert.Equal(keyed ? 3 : 0, a.Transport.Counters.Sealed.Value);
        Assert.Equal(keyed ? 3 : 0, b.Transport.Counters.Opened.Value);
        Assert.Equal(1, b.Sockets.Counters.ConnectionsOpen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_could_not_be_sent_comes_back_as_it_was(bool keyed)
    {
        await using var a = new SealedEnd(GoldenPackets.A, keyed ? [SealBench.Key] : []);
        var gone = new SealedEnd(GoldenPackets.B, []);
        var endpoint = gone.Endpoint;
        await gone.DisposeAsync();

        for (var i = 0; i < 3; i++)
        {
            Assert.True(a.Transport.TrySendFrame(endpoint, a.Packet(100 + i)));
            var (to, packet, _) = await a.Sink.Undeliverable.NextAsync();
            Assert.Equal(endpoint, to);
            Assert.Equal(a.Packet(100 + i), packet);
        }
    }

    [Theory]
    [InlineData(SealBench.OtherKey, SealBench.Key, (int)SealVerdict.UnknownKey)]
    [InlineData(SealBench.OtherKey, null, (int)SealVerdict.Unsealed)]
    [InlineData(null, SealBench.Key, (int)SealVerdict.UnknownKey)]
    public async Task Whoever_has_other_keys_is_told_and_heard_no_further(string? here, string? there, int verdict)
    {
        await using var a = new SealedEnd(GoldenPackets.A, there is null ? [] : [there]);
        await using var b = new SealedEnd(GoldenPackets.B, here is null ? [] : [here]);

        Assert.True(a.Transport.TrySendFrame(b.Endpoint, a.Packet()));
        var refused = await b.Refused.NextAsync();
        Assert.Equal((SealVerdict)verdict, refused.Verdict);
        Assert.True(refused.From.IsLoopback);
        Assert.NotEqual(a.Endpoint, refused.From); // where its socket is, not where it listens
        Assert.Equal(b.Endpoint, await a.Mismatches.NextAsync());
        await Awaiting.UntilAsync(() => b.Sockets.Counters.ConnectionsOpen == 0);

        Assert.True(a.Transport.TrySendDatagram(b.Endpoint, a.Packet()));
        Assert.Equal(a.Endpoint, (await b.Refused.NextAsync()).From);

        Assert.False(b.Sink.Frames.Reader.TryRead(out _));
        Assert.False(b.Sink.Datagrams.Reader.TryRead(out _));
        Assert.False(a.Sink.Frames.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_key_that_comes_too_late_ends_no_connection()
    {
        await using var a = new SealedEnd(GoldenPackets.A, [SealBench.Key]);
        await using var b = new SealedEnd(GoldenPackets.B, [SealBench.Key]);
        a.Transport.TrySendFrame(b.Endpoint, a.Packet());
        await b.Sink.Frames.NextAsync();

        a.Keys.Add(SealBench.OtherKey);
        a.Keys.Use(SealBench.OtherKey);
        a.Transport.TrySendFrame(b.Endpoint, a.Packet());
        Assert.Equal(SealVerdict.UnknownKey, (await b.Refused.NextAsync()).Verdict);

        b.Keys.Add(SealBench.OtherKey);
        a.Transport.TrySendFrame(b.Endpoint, a.Packet(3));
        Assert.Equal(a.Packet(3), (await b.Sink.Frames.NextAsync()).Packet);
        Assert.Equal(1, b.Sockets.Counters.ConnectionsAccepted.Value);
    }

    [Fact]
    public async Task Frames_that_are_replayed_by_a_stranger_have_no_effect()
    {
        await using var b = new SealedEnd(GoldenPackets.B, [SealBench.Key]);
        using var bench = new SealBench(SealPath.Stream);
        var frame = Frame(bench.Seal(SealBench.Packet(GoldenPackets.A)));

        using var first = await ConnectAsync(b);
        await first.SendAsync(frame, Cancellation);
        await b.Sink.Frames.NextAsync();
        using var second = await ConnectAsync(b);
        await second.SendAsync(frame, Cancellation);
        await EndsAsync(second);
        Assert.Equal(1, b.Transport.Counters.Replayed.Value);
        Assert.False(b.Sink.Frames.Reader.TryRead(out _));
        Assert.False(b.Refused.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Strangers_are_refused_in_plaintext_but_not_more_often_than_is_useful()
    {
        await using var b = new SealedEnd(GoldenPackets.B, [SealBench.Key]);
        var refusals = 0;
        const int Strangers = 60;
        for (var i = 0; i < Strangers; i++)
        {
            using var stranger = await ConnectAsync(b);
            await stranger.SendAsync(Frame(SealBench.Packet(GoldenPackets.A)), Cancellation);
            var answer = new byte[100];
            var size = await stranger.ReceiveAsync(answer, Cancellation).AsTask().InTime();
            if (size > 0)
            {
                refusals++;
                Assert.Equal(FrameFormat.LengthSize + PacketHeader.Size, size);
                Assert.True(PacketHeader.TryRead(answer.AsSpan(FrameFormat.LengthSize, PacketHeader.Size), out var header));

                // Its own words, so that it learns nothing about the node.
                Assert.Equal(RefusalOf(GoldenPackets.A), header);
            }
        }

        Assert.InRange(refusals, 1, Strangers - 1);
        Assert.Equal(Strangers, b.Transport.Counters.Unsealed.Value);
    }

    [Fact]
    public async Task A_refusal_that_a_stranger_sends_ends_its_connection_and_does_nothing_else()
    {
        await using var b = new SealedEnd(GoldenPackets.B, [SealBench.Key]);
        using var stranger = await ConnectAsync(b);
        var refusal = new byte[PacketHeader.Size];
        RefusalOf(GoldenPackets.A).Write(refusal);
        await stranger.SendAsync(Frame(refusal), Cancellation);

        await EndsAsync(stranger);
        Assert.False(b.Refused.Reader.TryRead(out _));
        Assert.False(b.Mismatches.Reader.TryRead(out _));
        Assert.False(b.Sink.Frames.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_connection_from_elsewhere_is_not_taken_for_a_members()
    {
        // Whoever recorded a frame of a member can show it here once, and would get all that is sent to the member.
        await using var b = new SealedEnd(GoldenPackets.B, [SealBench.Key]);
        using var bench = new SealBench(SealPath.Stream);
        using var stranger = await ConnectAsync(b);
        await stranger.SendAsync(Frame(bench.Seal(SealBench.Packet(GoldenPackets.A))), Cancellation);
        var (accepted, _) = await b.Sink.Frames.NextAsync();

        b.Transport.BindConnection(accepted, NodeEndpoint.FromIpv4(0x0A000001, 11511));
        Assert.True(accepted.Peer.IsNone);

        var atItsAddress = accepted.RemoteEndpoint with { Port = 11511 };
        b.Transport.BindConnection(accepted, atItsAddress);
        Assert.Equal(atItsAddress, accepted.Peer);
    }

    [Fact]
    public async Task A_key_that_was_removed_opens_nothing_from_then_on()
    {
        await using var a = new SealedEnd(GoldenPackets.A, [SealBench.Key]);
        await using var b = new SealedEnd(GoldenPackets.B, [SealBench.OtherKey, SealBench.Key]);
        a.Transport.TrySendFrame(b.Endpoint, a.Packet());
        await b.Sink.Frames.NextAsync();
        a.Transport.TrySendDatagram(b.Endpoint, a.Packet());
        await b.Sink.Datagrams.NextAsync();

        Assert.True(b.Keys.Remove(SealBench.Key));
        a.Transport.TrySendFrame(b.Endpoint, a.Packet());
        Assert.Equal(SealVerdict.UnknownKey, (await b.Refused.NextAsync()).Verdict);
        a.Transport.TrySendDatagram(b.Endpoint, a.Packet());
        Assert.Equal(SealVerdict.UnknownKey, (await b.Refused.NextAsync()).Verdict);
        Assert.False(b.Sink.Frames.Reader.TryRead(out _));
        Assert.False(b.Sink.Datagrams.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Whatever_arrives_nothing_throws_and_nothing_gets_through()
    {
        const int Packets = 20_000;
        await using var b = new SealedEnd(GoldenPackets.B, [SealBench.Key]);
        using var datagrams = new SealBench(SealPath.Datagram);
        using var streams = new SealBench(SealPath.Stream);
        byte[][] originals = [datagrams.Seal(SealBench.Packet(GoldenPackets.A)), streams.Seal(SealBench.Packet(GoldenPackets.A)), SealBench.Packet(GoldenPackets.A)];
        var random = new Random(7);
        using var stranger = await ConnectAsync(b);
        await stranger.SendAsync(Frame(streams.Seal(SealBench.Packet(GoldenPackets.A))), Cancellation);
        var (connection, _) = await b.Sink.Frames.NextAsync();
        var inner = ((SealedConnection)connection).Inner;
        for (var i = 0; i < Packets; i++)
        {
            var packet = Damaged(originals[i % originals.Length], random);
            b.Transport.OnDatagram(b.Endpoint, packet);
            if (PacketHeader.TryRead(packet, out _))
            {
                await b.Transport.OnFrameAsync(inner, packet, Cancellation);
            }
        }

        Assert.False(b.Sink.Datagrams.Reader.TryRead(out _));
        Assert.False(b.Sink.Frames.Reader.TryRead(out _));
    }

    /// <summary>Cut short, drawn out, or with some bits the other way round.</summary>
    private static byte[] Damaged(byte[] packet, Random random)
    {
        byte[] damaged = random.Next(3) switch
        {
            0 => packet[..random.Next(packet.Length)],
            1 => [.. packet, .. new byte[random.Next(1, 2000)]],
            _ => [.. packet],
        };
        for (var i = damaged.Length == packet.Length ? 0 : random.Next(2); i < 2 && damaged.Length > 0; i++)
        {
            var from = random.Next(2) == 0 ? Math.Min(PacketHeader.Size, damaged.Length - 1) : 0;
            damaged[random.Next(from, damaged.Length)] ^= (byte)random.Next(1, 256);
        }

        return damaged.AsSpan().SequenceEqual(packet) ? Damaged(packet, random) : damaged;
    }

    private static PacketHeader RefusalOf(NodeInstance sender) =>
        new(PacketHeader.CurrentVersion, PacketKind.Refusal, 0, GoldenPackets.Cluster, sender);

    private static async Task EndsAsync(Socket socket) =>
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], Cancellation).AsTask().InTime());

    private static byte[] Frame(byte[] packet)
    {
        var frame = new byte[FrameFormat.LengthSize + packet.Length];
        FrameFormat.Write(frame, packet);
        return frame;
    }

    private static async Task<Socket> ConnectAsync(SealedEnd end)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(end.Endpoint.ToIPEndPoint(), Cancellation);
        return socket;
    }
}
