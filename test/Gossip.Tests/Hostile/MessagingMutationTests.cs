using Gossip.Messaging;
using Gossip.Tests.Messaging;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>The receiver of users' messages under mutated packets: what one costs is bounded, and what another cluster sends reaches nobody.</summary>
public sealed class MessagingMutationTests
{
    /// <summary>A message that is taken has a context, headers and a window. Now and then the table of windows, which has a cap, doubles for it.</summary>
    private const long MessageBound = 1024 * 1024;

    /// <summary>A packet full of small messages is as many messages.</summary>
    private const long MessageFactor = 128;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mutated_messages_cost_little_and_only_those_of_the_cluster_are_heard(bool ours)
    {
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        var handled = 0;
        using var handler = b.Messages.Handle(TestCluster.Type, (_, _) =>
        {
            Interlocked.Increment(ref handled);
            return default;
        });
        var received = b.Messages.Counters;
        Fuzz.Run($"messaging, ours: {ours}", Golden(a, b), MessageBound, MessageFactor, input =>
        {
            if (PacketHeader.TryRead(input, out var header))
            {
                b.Messages.OnPacket(header with { ClusterHash = ours ? b.ClusterHash : b.ClusterHash + 1 }, input, null);
            }

            b.Messages.OnBroadcast(ours ? a.Self : default, input[Math.Min(input.Length, PacketHeader.Size)..]);
        });
        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);

        Assert.Equal(ours, received.Received > 0);
        Assert.Equal(ours, Volatile.Read(ref handled) > 0);
        Assert.True(received.Dropped > 0);
    }

    private static byte[][] Golden(TestNode a, TestNode b)
    {
        List<byte[]> packets = [];
        var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Data, 0, b.ClusterHash, a.Self);
        var sequence = 1UL;
        var text = MessagePayload.FromText("hello");
        var compressed = TestCompression.Brotli(MessagePayload.FromText(new string('x', 500)));
        foreach (var (mode, payload) in Enum.GetValues<MessageMode>().SelectMany(mode => new[] { (mode, text), (mode, compressed) }))
        {
            var body = Gossip.Messaging.Envelope.EncodeBody(
                mode, TestCluster.Type, payload, a.TimeProvider.GetUtcNow(), new Dictionary<string, string> { ["k"] = "v" }, TimeSpan.FromSeconds(1));
            var packet = new byte[PacketHeader.Size + DataPacket.MaxFraming + DeliveryAddress.MaxSize + body.Length];
            packets.Add(packet[..DataPacket.WriteEnvelope(packet, header, new DeliveryAddress(b.Self, sequence++), body.Span)]);
        }

        return [.. packets, .. GoldenPackets.Data.Select(packet => packet.Bytes)];
    }
}
