using Gossip.Wire;

namespace Gossip.Agreement;

/// <summary>One message of the agreement as a packet: the packet header, then the message with the life of the one who asked, so that no answer reaches the successor of whoever asked.</summary>
internal static class AgreementPacket
{
    private const int LifeField = 1;
    private const int BodyField = 2;

    /// <summary>The most that a packet needs beyond its message: the header, and keys and lengths.</summary>
    private const int Framing = PacketHeader.Size + 64;

    public static byte[] Write(in PacketHeader header, MessageKind kind, ulong life, ReadOnlySpan<byte> body)
    {
        var packet = new byte[Framing + body.Length];
        header.Write(packet);
        var writer = new WireWriter(packet.AsSpan(PacketHeader.Size));
        Span<byte> prefix = stackalloc byte[Framing - PacketHeader.Size];
        var inner = new WireWriter(prefix);
        inner.Number(LifeField, life);
        inner.Key(BodyField, WireType.Bytes);
        inner.Varint((ulong)body.Length);
        writer.Key((int)kind, WireType.Bytes);
        writer.Varint((ulong)(inner.Position + body.Length));
        writer.Raw(inner.Written);
        writer.Raw(body);
        return packet[..(PacketHeader.Size + writer.Position)];
    }

    /// <summary>Reads the one message of a packet. False for anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out MessageKind kind, out ulong life, out ReadOnlySpan<byte> body)
    {
        kind = MessageKind.None;
        life = 0;
        body = default;
        var reader = new WireReader(packet[PacketHeader.Size..]);
        if (!reader.Next())
        {
            return false;
        }

        kind = (MessageKind)reader.Field;
        var inner = new WireReader(reader.Bytes);
        while (inner.Next())
        {
            switch (inner.Field)
            {
                case LifeField:
                    inner.Read(ref life);
                    break;
                case BodyField:
                    body = inner.Bytes;
                    break;
            }
        }

        return !inner.Malformed && !reader.Next() && !reader.Malformed;
    }
}
