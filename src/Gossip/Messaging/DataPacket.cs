using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>Writes whole packets of the data plane: the packet header, then one message.</summary>
internal static class DataPacket
{
    /// <summary>The most bytes that a packet needs beyond its message: the packet header, and key and length of the message.</summary>
    public const int MaxFraming = PacketHeader.Size + 16;

    public static int WriteEnvelope(Span<byte> packet, in PacketHeader header, in DeliveryAddress address, ReadOnlySpan<byte> body)
    {
        // The length is known before the body is written, which spares moving a large body behind a longer length.
        Span<byte> prefix = stackalloc byte[DeliveryAddress.MaxSize];
        var start = new WireWriter(prefix);
        address.Write(ref start);

        header.Write(packet);
        var writer = new WireWriter(packet[PacketHeader.Size..]);
        writer.Key((int)MessageKind.Envelope, WireType.Bytes);
        writer.Varint((ulong)(start.Position + body.Length));
        writer.Raw(start.Written);
        writer.Raw(body);
        return PacketHeader.Size + writer.Position;
    }

    public static int WriteAnswer(Span<byte> packet, in PacketHeader header, MessageKind kind, in DeliveryAddress address, in Answer answer)
    {
        header.Write(packet);
        var writer = new WireWriter(packet[PacketHeader.Size..]);
        var mark = writer.Begin((int)kind);
        AnswerFields.Write(ref writer, kind, address, answer);
        writer.End(mark);
        return PacketHeader.Size + writer.Position;
    }

    public static int WriteCancel(Span<byte> packet, in PacketHeader header, in DeliveryAddress address)
    {
        header.Write(packet);
        var writer = new WireWriter(packet[PacketHeader.Size..]);
        var mark = writer.Begin((int)MessageKind.Cancel);
        address.Write(ref writer);
        writer.End(mark);
        return PacketHeader.Size + writer.Position;
    }
}
