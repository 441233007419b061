using Gossip.Messaging;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>The exact bytes of each message: they are a promise to every other version.</summary>
public class DataPacketTests
{
    internal const string HeaderBytes = "67010100" + "0102030405060708" + "000000000000000000000000000000aa" + "0000000000000005";
    internal const string Address = "0A10" + "000000000000000000000000000000BB" + "1007" + "18AC02";

    internal static PacketHeader Header { get; } =
        new(PacketHeader.CurrentVersion, PacketKind.Data, 0, 0x0102030405060708, new NodeInstance(new NodeId(0xaa), 5));

    internal static DeliveryAddress To { get; } = new(new NodeInstance(new NodeId(0xbb), 7), 300);

    [Fact]
    public void Envelope()
    {
        var body = Gossip.Messaging.Envelope.EncodeBody(
            MessageMode.Request,
            200,
            MessagePayload.FromText("hi"),
            new DateTimeOffset(0x0807060504030201, TimeSpan.Zero),
            new Dictionary<string, string> { ["k"] = "v" },
            TimeSpan.FromMilliseconds(5000));
        var packet = new byte[256];
        var size = DataPacket.WriteEnvelope(packet, Header, To, body.Span);
        const string Body = "2002" + "28C801" + "3002" + "410102030405060708" + "4A060A016B120176" + "52026869" + "588827";
        AssertBytes(HeaderBytes + "820236" + Address + Body, packet.AsSpan(0, size));

        Assert.True(Gossip.Messaging.Envelope.TryRead(packet.AsSpan(PacketHeader.Size + 3, size - PacketHeader.Size - 3), out var read));
        Assert.Equal(To.Target, read.Address.Target);
        Assert.Equal(300UL, read.Address.Sequence);
        Assert.Equal(MessageMode.Request, read.Mode);
        Assert.Equal(200, read.Type);
        Assert.Equal("v", read.ReadHeaders()["k"]);
        Assert.Equal("hi"u8, read.Payload);
        Assert.Equal(TimeSpan.FromSeconds(5), read.Timeout);
        Assert.Equal(0x0807060504030201, read.Created.Ticks);
    }

    [Fact]
    public void Broadcast()
    {
        var broadcast = Gossip.Messaging.Envelope.EncodeBroadcast(3, 200, MessagePayload.FromBytes(new byte[] { 9 }), default, null);
        AssertBytes("1803" + "28C801" + "3001" + "410000000000000000" + "520109", broadcast.Span);
    }

    [Fact]
    public void Receipt()
    {
        var packet = new byte[256];
        var size = DataPacket.WriteAnswer(packet, Header, MessageKind.Receipt, To, new Answer(SendOutcome.Failed, "no", "System.Exception"));
        AssertBytes(HeaderBytes + "8A021D" + Address + "2003" + "2A026E6F", packet.AsSpan(0, size));
    }

    [Fact]
    public void Reply()
    {
        var packet = new byte[256];
        var size = DataPacket.WriteAnswer(packet, Header, MessageKind.Reply, To, new Answer(SendOutcome.Handled, Reply: MessagePayload.FromText("ok")));
        AssertBytes(HeaderBytes + "92021F" + Address + "2001" + "3002" + "42026F6B", packet.AsSpan(0, size));
        size = DataPacket.WriteAnswer(packet, Header, MessageKind.Reply, To, new Answer(SendOutcome.Failed, "no", "E"));
        AssertBytes(HeaderBytes + "920220" + Address + "2003" + "2A026E6F" + "4A0145", packet.AsSpan(0, size));
    }

    [Fact]
    public void Cancel()
    {
        var packet = new byte[256];
        var size = DataPacket.WriteCancel(packet, Header, To);
        AssertBytes(HeaderBytes + "9A0217" + Address, packet.AsSpan(0, size));
    }

    [Theory]
    [InlineData(33, 0)]
    [InlineData(1, 4097)]
    public void An_envelope_with_too_many_headers_is_malformed(int count, int size)
    {
        var headers = Enumerable.Range(0, count).ToDictionary(i => i.ToString(), _ => new string('x', size));
        var envelope = Gossip.Messaging.Envelope.EncodeBroadcast(1, 200, default, default, headers);
        Assert.False(Gossip.Messaging.Envelope.TryRead(envelope.Span, out _));
    }

    private static void AssertBytes(string expected, ReadOnlySpan<byte> actual) =>
        Assert.Equal(expected.ToUpperInvariant(), Convert.ToHexString(actual));
}
