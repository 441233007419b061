using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gossip.Wire;

/// <summary>Which way a packet travels. Each way has its own keys, counters and windows, because each loses and reorders differently.</summary>
internal enum SealPath : byte
{
    Datagram = 0,
    Stream = 1,
}

/// <summary>
/// The layout of a sealed packet: the header with a key id, the nonce, the encrypted body, the tag. The nonce is the boot number, drawn at
/// random when the process starts, then a counter, so that it never repeats under one key and needs no randomness per packet
/// (NIST SP 800-38D §8.2.1, the deterministic construction).
/// </summary>
internal static class SealFormat
{
    public const int NonceSize = BootSize + sizeof(ulong);
    public const int TagSize = 16;

    /// <summary>How much longer a packet gets.</summary>
    public const int Overhead = NonceSize + TagSize;

    /// <summary>The shortest sealed packet: one without a body.</summary>
    public const int MinSize = PacketHeader.Size + Overhead;

    public const int BootSize = sizeof(uint);

    /// <summary>Draws the number that tells this process from others that might seal under the same id and generation.</summary>
    public static uint NewBoot()
    {
        Span<byte> bytes = stackalloc byte[BootSize];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public static void WriteNonce(Span<byte> nonce, uint boot, ulong counter)
    {
        BinaryPrimitives.WriteUInt32BigEndian(nonce, boot);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[BootSize..], counter);
    }

    /// <summary>The part of a sealed packet after the header that is the nonce.</summary>
    public static ReadOnlySpan<byte> Nonce(ReadOnlySpan<byte> packet) => packet.Slice(PacketHeader.Size, NonceSize);

    public static uint Boot(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[PacketHeader.Size..]);

    public static ulong Counter(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt64BigEndian(packet[(PacketHeader.Size + BootSize)..]);

    public static ReadOnlySpan<byte> Ciphertext(ReadOnlySpan<byte> packet) => packet[(PacketHeader.Size + NonceSize)..^TagSize];

    public static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> packet) => packet[^TagSize..];
}
