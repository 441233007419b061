using System.Buffers;
using System.Collections.Concurrent;
using Gossip.Messaging;
using Gossip.Streaming;
using Gossip.Tests.Hostile;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>A member that does not keep to the rules: what it breaks is its own stream, and nothing else.</summary>
public sealed class HostileStreamTests
{
    private const int Type = 143;

    /// <summary>What the text of a frame, or the headers of a question, become when they are read.</summary>
    private const int TextOverhead = 64 * 1024;
    private const int TextFactor = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Questions() => Fuzz.Run("stream open", Bodies(MessageKind.StreamOpen), TextOverhead, TextFactor, static input =>
    {
        if (StreamOpen.TryRead(input, out var open))
        {
            Assert.True(open.ReadHeaders().Count <= MessageLimits.MaxHeaders);
            Assert.InRange(open.Type, 0, MessageTypeNumber.Max);
            Assert.True(open.Window >= 0 && open.Address.Sequence != 0);
        }
    });

    [Fact]
    public void Answers() => Fuzz.Run("stream answer", Bodies(MessageKind.StreamAnswer), TextOverhead, TextFactor, static input =>
    {
        if (StreamAnswer.TryRead(input, out var answer))
        {
            Assert.True(Enum.IsDefined(answer.Verdict));
            Assert.True(answer.Reason.Length <= MessageLimits.MaxErrorBytes && answer.Window >= 0);
        }
    });

    [Fact]
    public void Frames() => Fuzz.Run(
        "stream frame",
        Bodies(MessageKind.StreamData, MessageKind.StreamCredit, MessageKind.StreamEnd, MessageKind.StreamStop, MessageKind.StreamReset),
        TextOverhead,
        TextFactor,
        static input =>
        {
            if (StreamFrame.TryRead(input, out var frame))
            {
                Assert.True(frame.Offset >= 0 && frame.Payload.Length <= StreamPacket.MaxPayload);
                Assert.True(frame.Ending is not { } ending || Enum.IsDefined(ending.Reason));
            }
        });

    [Fact]
    public async Task Whatever_packets_arrive_nothing_throws_and_nothing_is_left_of_them()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var handler = b.Streams.Handle(Type, async (stream, token) => await stream.Input.CopyToAsync(stream.Output, token));
        var header = Header(a);
        var address = new DeliveryAddress(b.Instance, 9);
        var golden = GoldenPackets.Streams.Select(packet => packet.Bytes[PacketHeader.Size..])
            .Append(StreamPacket.WriteOpen(header, address, Type, 1000, 0, null)[PacketHeader.Size..]).ToArray();
        var random = new Random(Fuzz.Seed);
        var mutator = new Mutator(golden, random);
        var connection = new DeafConnection();
        var packet = new byte[1 << 20];
        for (var round = 0; round < Fuzz.Rounds; round++)
        {
            // Several in a row, so that mutated frames meet streams that are open.
            header.Write(packet);
            var size = PacketHeader.Size;
            foreach (var body in Enumerable.Range(0, 3).Select(_ => random.Next(2) == 0 ? golden[random.Next(golden.Length)] : mutator.Next().ToArray()))
            {
                body.CopyTo(packet, size);
                size += body.Length;
            }

            b.Streams.OnPacket(header, packet.AsSpan(0, size), connection);
            Assert.InRange(b.Streams.Count, 0, new StreamingOptions().MaxStreamsPerPeer);
        }

        Assert.True(b.Streams.Counters.Accepted.Value > 0 && b.Streams.Counters.Dropped.Value > 0, "nothing was exercised");
        b.Streams.OnDisconnected(connection);
        await cluster.NothingLeftAsync();
    }

    public static TheoryData<string> Violations => ["beyond credit", "gap", "repetition", "empty", "end too far", "end too early", "after the end"];

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task What_breaks_the_rules_resets_that_stream_and_no_other(string violation)
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var accepted = new ConcurrentDictionary<ulong, GossipStream>();
        var end = new TaskCompletionSource();
        using var handler = b.Streams.Handle(Type, async (stream, _) =>
        {
            accepted[stream.Key.Number] = stream;
            await end.Task;
        });
        await using var stream = await a.OpenAsync(b, Type);
        await using var other = await a.OpenAsync(b, Type);
        await stream.Output.WriteAsync(new byte[100], Token);
        await Awaiting.UntilAsync(() => accepted.Count == 2 && accepted[stream.Key.Number].Received == 100);

        switch (violation)
        {
            case "beyond credit":
                for (var offset = 100; offset <= new StreamingOptions().Window; offset += StreamPacket.MaxPayload)
                {
                    SendData(offset, StreamPacket.MaxPayload);
                }

                break;
            case "gap":
                SendData(101, 1);
                break;
            case "repetition":
                SendData(0, 100);
                break;
            case "empty":
                SendData(100, 0);
                break;
            case "end too far":
                SendEnd(101);
                break;
            case "end too early":
                SendEnd(99);
                break;
            default:
                SendEnd(100);
                SendData(100, 1);
                break;
        }

        Assert.Equal(StreamAbortReason.Protocol, (await stream.FailsAsync()).Reason);
        if (violation != "after the end") // then what was read before the end is whole
        {
            Assert.Equal(StreamAbortReason.Protocol, (await accepted[stream.Key.Number].FailsAsync()).Reason);
        }

        await StreamTests.WriteAsync(other, [1, 2, 3]);
        Assert.Equal([1, 2, 3], await accepted[other.Key.Number].ReadAllAsync().InTime());
        end.SetResult();
        Assert.Empty(await other.ReadAllAsync().InTime());
        await cluster.NothingLeftAsync();

        void SendData(long offset, int length) => Send(packet =>
            StreamPacket.WriteData(packet, Header(a), stream.Key, offset, new ReadOnlySequence<byte>(new byte[length])));

        void SendEnd(long offset) => Send(packet => StreamPacket.WriteFrame(packet, Header(a), MessageKind.StreamEnd, stream.Key, offset));

        void Send(Func<byte[], int> write) => HostileStreamTests.Send(a, b, write);
    }

    [Fact]
    public async Task Frames_of_unknown_streams_and_questions_that_come_twice_or_to_another_life_change_nothing()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var runs = 0;
        var end = new TaskCompletionSource();
        using var handler = b.Streams.Handle(Type, async (_, _) =>
        {
            Interlocked.Increment(ref runs);
            await end.Task;
        });
        await using var stream = await a.OpenAsync(b, Type);
        var dropped = b.Streams.Counters.Dropped.Value;
        foreach (var kind in new[] { MessageKind.StreamData, MessageKind.StreamCredit, MessageKind.StreamEnd, MessageKind.StreamStop, MessageKind.StreamReset })
        {
            Send(a, b, packet => StreamPacket.WriteFrame(packet, Header(a), kind, new StreamKey(77, IsOwn: true)));
            Send(a, b, packet => StreamPacket.WriteFrame(packet, Header(a), kind, stream.Key with { IsOwn = false }));
        }

        Send(a, b, packet => Copy(packet, StreamPacket.WriteOpen(Header(a), new DeliveryAddress(b.Instance, stream.Key.Number), Type, 1000, 0, null)));
        var formerLife = b.Instance with { Generation = b.Instance.Generation - 1 };
        Send(a, b, packet => Copy(packet, StreamPacket.WriteOpen(Header(a), new DeliveryAddress(formerLife, 78), Type, 1000, 0, null)));
        Send(a, b, packet => Copy(packet, StreamPacket.WriteOpen(Header(a), new DeliveryAddress(b.Instance, 79), Type, 1000, compression: 200, null)));
        Send(a, b, packet => StreamPacket.WriteAnswer(packet, Header(a), new DeliveryAddress(b.Instance, 80), StreamVerdict.Accepted, 1000)); // to what was not asked

        await Awaiting.UntilAsync(() => b.Streams.Counters is { Refused.Value: 2 } counters && counters.Dropped.Value >= dropped + 11);
        Assert.Equal((1, 1), (runs, b.Streams.Count));
        await StreamTests.WriteAsync(stream, [1]);
        end.SetResult();
        Assert.Empty(await stream.ReadAllAsync().InTime());
        await cluster.NothingLeftAsync();
    }

    /// <summary>Sends bytes that the opener's end of a stream knows nothing of.</summary>
    internal static void Forge(GossipNode from, GossipNode to, StreamKey key, long offset, byte[] bytes) => Send(from, to, packet =>
        StreamPacket.WriteData(packet, Header(from), key, offset, new ReadOnlySequence<byte>(bytes)));

    private static int Copy(byte[] packet, byte[] content)
    {
        content.CopyTo(packet, 0);
        return content.Length;
    }

    /// <summary>Sends a forged packet on the connection that the streams use.</summary>
    private static void Send(GossipNode from, GossipNode to, Func<byte[], int> write)
    {
        var packet = new byte[StreamPacket.MaxSize];
        var size = write(packet);
        Assert.True(from.RuntimeOrNull!.Transport.TrySendFrame(NodeEndpoint.From(LocalCluster.Sees(from, to).Address), packet.AsSpan(0, size)));
    }

    private static PacketHeader Header(GossipNode node) =>
        new(PacketHeader.CurrentVersion, PacketKind.Stream, 0, node.RuntimeOrNull!.Identity.ClusterHash, node.Instance);

    private static byte[][] Bodies(params MessageKind[] kinds) =>
    [
        .. from packet in GoldenPackets.Streams
           from message in TestPacket.Messages(packet.Bytes)
           where kinds.Contains(message.Kind)
           select message.Body,
    ];

    /// <summary>Takes everything and sends nothing.</summary>
    private sealed class DeafConnection : ITransportConnection
    {
        public long Id => long.MaxValue;

        public NodeEndpoint Peer => default;

        public NodeEndpoint RemoteEndpoint => default;

        public bool TrySend(ReadOnlySpan<byte> packet) => true;

        public void Close(Exception? error)
        {
            // There is nothing to close.
        }
    }
}
