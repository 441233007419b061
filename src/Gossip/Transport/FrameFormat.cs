using System.Buffers.Binary;

namespace Gossip.Transport;

/// <summary>A frame on a stream: the length of the packet as an unsigned 32-bit little-endian number, then the packet.</summary>
internal static class FrameFormat
{
    public const int LengthSize = sizeof(uint);

    public static void Write(Span<byte> destination, ReadOnlySpan<byte> packet)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)packet.Length);
        packet.CopyTo(destination[LengthSize..]);
    }

    public static uint ReadLength(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32LittleEndian(frame);

    /// <summary>Takes the first packet off a run of whole frames that this node wrote itself.</summary>
    public static ReadOnlySpan<byte> TakeFirst(ref ReadOnlySpan<byte> frames)
    {
        var end = LengthSize + (int)ReadLength(frames);
        var packet = frames[LengthSize..end];
        frames = frames[end..];
        return packet;
    }
}
