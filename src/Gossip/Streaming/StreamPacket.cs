using System.Buffers;
using Gossip.Messaging;
using Gossip.Wire;

namespace Gossip.Streaming;

/// <summary>Writes whole packets of streams: the packet header, then one message.</summary>
internal static class StreamPacket
{
    /// <summary>The most bytes of a stream in one frame: so little that what else is said on the connection gets its turn soon.</summary>
    public const int MaxPayload = 16 * 1024;

    /// <summary>The fields of a frame without payload and text, with their keys and lengths.</summary>
    private const int MaxFields = 64;

    /// <summary>Room for any packet of an open stream.</summary>
    public const int MaxSize = DataPacket.MaxFraming + MaxFields + MaxPayload;

    private const int MaxOpenFields = 64;
    private const int MaxHeaderFraming = 12;

    public static byte[] WriteOpen(
        in PacketHeader header, in DeliveryAddress address, int type, int window, int compression, IReadOnlyDictionary<string, string>? headers)
    {
        var size = DataPacket.MaxFraming + DeliveryAddress.MaxSize + MaxOpenFields
            + MessageLimits.HeaderBytes(headers) + ((headers?.Count ?? 0) * MaxHeaderFraming);
        var packet = new byte[size];
        header.Write(packet);
        var writer = new WireWriter(packet.AsSpan(PacketHeader.Size));
        var mark = writer.Begin((int)MessageKind.StreamOpen);
        StreamOpen.Write(ref writer, address, type, window, compression, headers);
        writer.End(mark);
        return packet[..(PacketHeader.Size + writer.Position)];
    }

    public static int WriteAnswer(
        Span<byte> packet, in PacketHeader header, in DeliveryAddress address, StreamVerdict verdict, int window = 0, string? reason = null)
    {
        header.Write(packet);
        var writer = new WireWriter(packet[PacketHeader.Size..]);
        var mark = writer.Begin((int)MessageKind.StreamAnswer);
        StreamAnswer.Write(ref writer, address, verdict, window, reason);
        writer.End(mark);
        return PacketHeader.Size + writer.Position;
    }

    /// <summary>Credit, and how a direction or a stream ends.</summary>
    public static int WriteFrame(Span<byte> packet, in PacketHeader header, MessageKind kind, StreamKey key, long offset = 0, Ending? ending = null)
    {
        header.Write(packet);
        var writer = new WireWriter(packet[PacketHeader.Size..]);
        var mark = writer.Begin((int)kind);
        StreamFrame.Write(ref writer, key, offset, ending);
        writer.End(mark);
        return PacketHeader.Size + writer.Position;
    }

    public static int WriteData(Span<byte> packet, in PacketHeader header, StreamKey key, long offset, in ReadOnlySequence<byte> payload)
    {
        // The length is known before the payload is written, which spares moving it behind a longer length.
        Span<byte> prefix = stackalloc byte[MaxFields];
        var start = new WireWriter(prefix);
        StreamFrame.Write(ref start, key, offset, ending: null);
        StreamFrame.WritePayloadPrefix(ref start, (int)payload.Length);

        header.Write(packet);
        var writer = new WireWriter(packet[PacketHeader.Size..]);
        writer.Key((int)MessageKind.StreamData, WireType.Bytes);
        writer.Varint((ulong)(start.Position + payload.Length));
        writer.Raw(start.Written);
        foreach (var segment in payload)
        {
            writer.Raw(segment.Span);
        }

        return PacketHeader.Size + writer.Position;
    }
}
