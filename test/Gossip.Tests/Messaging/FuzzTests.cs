using Gossip.Messaging;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Messaging;

public class FuzzTests
{
    private const int Rounds = 100_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_bytes_make_it_throw_or_believe_in_success(int seed)
    {
        var random = new Random(seed);
        var cluster = TestCluster.Of(2);
        var (a, b) = (cluster.Nodes[0], cluster.Nodes[1]);
        using var messages = b.Messages.Handle(TestCluster.Type, (context, _) =>
        {
            context.ReadText();
            return default;
        });
        using var requests = b.Messages.HandleRequest<Order, Receipt>((order, _, _) => new(new Receipt(order.Number, 1)));
        var golden = Golden(a, b);
        cluster.Network.Cut = (_, _, _) => true;
        var pending = b.Messages.SendAsync(Target.All, TestCluster.Type, MessagePayload.Empty, cancellationToken: TestContext.Current.CancellationToken).AsTask();
        for (var i = 0; i < Rounds; i++)
        {
            var packet = i % 4 == 0 ? Noise(random) : Mutate(random, golden[random.Next(golden.Count)]);
            var header = new PacketHeader(1, PacketKind.Data, 0, b.ClusterHash, random.Next(8) == 0 ? new NodeInstance(new NodeId(99), 1) : a.Self);
            b.Messages.OnPacket(header, packet, null);
            b.Messages.OnBroadcast(header.Sender, packet.AsSpan(Math.Min(packet.Length, PacketHeader.Size)));
            b.Messages.OnUndeliverable(a.LocalEndpoint, packet);
        }

        await cluster.RunUntil(() => b.Messages.RunningHandlers == 0);
        var counters = b.Messages.Counters;
        Assert.True(counters is { Dropped: > 1000, Received: > 10, Refused: > 1000 }, $"{counters.Dropped} {counters.Received} {counters.Refused}");
        var result = await cluster.Run(pending);
        Assert.False(result.Succeeded);
    }

    private static List<byte[]> Golden(TestNode a, TestNode b)
    {
        var packets = new List<byte[]>();
        Add(MessageMode.BestEffort, TestCluster.Type, MessagePayload.FromText("hello"));
        Add(MessageMode.Reliable, TestCluster.Type, MessagePayload.FromText("hello"));
        Add(MessageMode.Request, 200, a.Messages.Payload(new Order(1, "x")));
        Add(MessageMode.Reliable, TestCluster.Type, TestCompression.Brotli(MessagePayload.FromText(new string('x', 2000))));
        var header = new PacketHeader(1, PacketKind.Data, 0, b.ClusterHash, a.Self);
        var address = new DeliveryAddress(b.Self, 77);
        var buffer = new byte[500];
        packets.Add(buffer[..DataPacket.WriteAnswer(buffer, header, MessageKind.Receipt, address, new Answer(SendOutcome.Failed, "why"))]);
        packets.Add(buffer[..DataPacket.WriteAnswer(buffer, header, MessageKind.Reply, address, new Answer(SendOutcome.Failed, "why", "type"))]);
        packets.Add(buffer[..DataPacket.WriteCancel(buffer, header, address)]);
        return packets;

        void Add(MessageMode mode, int type, MessagePayload payload)
        {
            var body = Gossip.Messaging.Envelope.EncodeBody(
                mode, type, payload, a.TimeProvider.GetUtcNow(), new Dictionary<string, string> { ["k"] = "v" }, TimeSpan.FromSeconds(1));
            var packet = new byte[500];
            packets.Add(packet[..DataPacket.WriteEnvelope(packet, new PacketHeader(1, PacketKind.Data, 0, b.ClusterHash, a.Self), new DeliveryAddress(b.Self, 7), body.Span)]);
        }
    }

    private static byte[] Noise(Random random)
    {
        var packet = new byte[random.Next(200)];
        random.NextBytes(packet);
        return packet;
    }

    private static byte[] Mutate(Random random, byte[] golden)
    {
        var packet = golden.ToArray();
        for (var i = random.Next(4); i >= 0; i--)
        {
            packet[random.Next(PacketHeader.Size, packet.Length)] = (byte)random.Next(256);
        }

        return random.Next(5) == 0 ? packet[..random.Next(packet.Length)] : packet;
    }
}
