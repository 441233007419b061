using System.Buffers.Binary;

namespace Gossip.Agreement;

/// <summary>
/// One write to the log: length, sequence and checksum before the bytes. The next one is only written when this one is safe, so a crash can damage none but the last.
/// </summary>
internal static class LogFrame
{
    public const int HeaderSize = sizeof(int) + sizeof(long) + sizeof(uint);

    private const int SequenceOffset = sizeof(int);
    private const int ChecksumOffset = SequenceOffset + sizeof(long);

    public static byte[] Encode(long sequence, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(SequenceOffset), sequence);
        payload.CopyTo(frame.AsSpan(HeaderSize));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(ChecksumOffset), Checksum(frame));
        return frame;
    }

    /// <summary>Reads the frame at the start of the bytes. False when there is none that is whole and undamaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out long sequence, out ReadOnlySpan<byte> payload)
    {
        sequence = 0;
        payload = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - HeaderSize)
        {
            return false;
        }

        var frame = bytes[..(HeaderSize + length)];
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame[ChecksumOffset..]) != Checksum(frame))
        {
            return false;
        }

        sequence = BinaryPrimitives.ReadInt64LittleEndian(frame[SequenceOffset..]);
        payload = frame[HeaderSize..];
        return true;
    }

    /// <summary>CRC-32C (Castagnoli 1993) over all but itself.</summary>
    private static uint Checksum(ReadOnlySpan<byte> frame)
    {
        var crc = Crc32C.Append(0, frame[..ChecksumOffset]);
        return Crc32C.Append(crc, frame[HeaderSize..]);
    }
}
