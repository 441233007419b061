using System.Buffers.Binary;
using System.Numerics;
using IronSnappy;

namespace Gossip;

/// <summary>
/// Compresses payloads with Snappy: less than Brotli, and faster. Before the block stands its CRC-32C, because the format has no checksum of its own. Add it to <see cref="MessagingOptions.Compressors"/> on every node.
/// </summary>
public sealed class SnappyCompressor : IPayloadCompressor
{
    private const int SnappyId = 2;
    private const int ChecksumBytes = sizeof(uint);
    private const int MaxLengthBytes = 5; // 32 bits, seven in each byte

    private SnappyCompressor()
    {
    }

    /// <summary>The compressor.</summary>
    public static SnappyCompressor Default { get; } = new();

    /// <inheritdoc/>
    public int Id => SnappyId;

    /// <inheritdoc/>
    public string Name => "snappy";

    /// <inheritdoc/>
    public bool TryCompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        var block = Snappy.Encode(source);
        written = ChecksumBytes + block.Length;
        if (written > destination.Length)
        {
            written = 0;
            return false;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination, Checksum(source));
        block.CopyTo(destination[ChecksumBytes..]);
        return true;
    }

    /// <inheritdoc/>
    public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        // The decoder allocates what the block claims to be, so that is looked at first.
        if (source.Length <= ChecksumBytes || LengthOf(source[ChecksumBytes..]) != destination.Length)
        {
            return false;
        }

        byte[] payload;
        try
        {
            payload = Snappy.Decode(source[ChecksumBytes..]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }

        if (payload.Length != destination.Length || Checksum(payload) != BinaryPrimitives.ReadUInt32LittleEndian(source))
        {
            return false;
        }

        payload.CopyTo(destination);
        return true;
    }

    private static long LengthOf(ReadOnlySpan<byte> block)
    {
        var length = 0L;
        for (var i = 0; i < Math.Min(block.Length, MaxLengthBytes); i++)
        {
            length |= (long)(block[i] & 0x7f) << (7 * i);
            if (block[i] < 0x80)
            {
                return length;
            }
        }

        return -1;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var each in bytes)
        {
            crc = BitOperations.Crc32C(crc, each);
        }

        return ~crc;
    }
}
