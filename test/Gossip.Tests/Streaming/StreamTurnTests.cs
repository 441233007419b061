using Gossip.Messaging;
using Gossip.Streaming;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>How streams share a connection that has little room.</summary>
public sealed class StreamTurnTests
{
    private const int Type = 145;
    private const int Streams = 3;
    private const int FramesEach = 3;

    [Fact]
    public async Task Answers_come_first_then_each_stream_says_one_frame_in_turn_while_there_is_room()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var written = 0;
        using var handler = b.Streams.Handle(Type, async (stream, token) =>
        {
            await stream.Output.WriteAsync(new byte[FramesEach * StreamPacket.MaxPayload], token);
            Interlocked.Increment(ref written);
            await Task.Delay(Timeout.Infinite, token);
        });
        var connection = new NarrowConnection();
        var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Stream, 0, b.RuntimeOrNull!.Identity.ClusterHash, a.Instance);
        for (var number = 1UL; number <= Streams; number++)
        {
            var open = StreamPacket.WriteOpen(header, new DeliveryAddress(b.Instance, number), Type, 1 << 20, 0, null);
            b.Streams.OnPacket(header, open, connection);
        }

        await Awaiting.UntilAsync(() => Volatile.Read(ref written) == Streams);
        Assert.Empty(connection.Take());
        Assert.Empty(connection.SentUrgently); // all of it is bulk, so that messages find the queue as it was

        Assert.All(Give(Streams), frame => Assert.Equal(MessageKind.StreamAnswer, frame.Kind));
        for (var turn = 0; turn < FramesEach; turn++)
        {
            var frames = Give(Streams);
            Assert.All(frames, frame => Assert.Equal(MessageKind.StreamData, frame.Kind));
            Assert.Equal(Streams, frames.Select(static frame => frame.Number).Distinct().Count());
        }

        Assert.Empty(Give(1));
        b.Streams.OnDisconnected(connection);
        await cluster.NothingLeftAsync();

        (MessageKind Kind, ulong Number)[] Give(int room)
        {
            connection.Room = room;
            b.Streams.OnRoom(connection);
            return connection.Take();
        }
    }

    /// <summary>Takes as many frames as it has room for.</summary>
    private sealed class NarrowConnection : ITransportConnection
    {
        private readonly List<(MessageKind, ulong)> _sent = [];

        public List<byte[]> SentUrgently { get; } = [];

        public int Room { get; set; }

        public long Id => long.MaxValue;

        public NodeEndpoint Peer => default;

        public NodeEndpoint RemoteEndpoint => default;

        public bool TrySend(ReadOnlySpan<byte> packet)
        {
            SentUrgently.Add(packet.ToArray());
            return true;
        }

        public bool TrySendBulk(ReadOnlySpan<byte> packet)
        {
            if (Room == 0)
            {
                return false;
            }

            Room--;
            var message = Assert.Single(TestPacket.Messages(packet.ToArray()));
            if (message.Kind == MessageKind.StreamAnswer)
            {
                Assert.True(StreamAnswer.TryRead(message.Body, out var answer));
                _sent.Add((message.Kind, answer.Address.Sequence));
            }
            else
            {
                Assert.True(StreamFrame.TryRead(message.Body, out var frame));
                _sent.Add((message.Kind, frame.Key.Number));
            }

            return true;
        }

        public (MessageKind Kind, ulong Number)[] Take()
        {
            var sent = _sent.ToArray();
            _sent.Clear();
            return sent;
        }

        public void Close(Exception? error)
        {
            // There is nothing to close.
        }
    }
}
