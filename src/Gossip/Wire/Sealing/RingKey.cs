using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Gossip.Wire;

/// <summary>One secret of the key ring, and the number under which packets name it.</summary>
internal sealed class RingKey
{
    public const int Size = 32;

    private readonly byte[] _bytes;

    public RingKey(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size, nameof(bytes));
        _bytes = bytes.ToArray();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_bytes, hash);
        var firstNonZero = hash.IndexOfAnyExcept((byte)0);
        Id = firstNonZero < 0 ? (byte)1 : hash[firstNonZero];
        Fingerprint = BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>Never zero, which is what plaintext packets have. Public: it stands in every header.</summary>
    public byte Id { get; }

    /// <summary>Says whether two keys are the same without their bytes. It stays inside the process.</summary>
    public UInt128 Fingerprint { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The id as users see it: two hexadecimal digits.</summary>
    public static string IdText(byte id) => id.ToString("x2", CultureInfo.InvariantCulture);

    /// <summary>Reads base64 or hexadecimal digits.</summary>
    /// <exception cref="GossipKeyException">The text is neither, or not 32 bytes. The message does not repeat it.</exception>
    public static RingKey Parse(string? text)
    {
        Span<byte> bytes = stackalloc byte[Size];
        try
        {
            return TryDecode(text.AsSpan().Trim(), bytes)
                ? new RingKey(bytes)
                : throw new GossipKeyException($"A key is not {Size} bytes in base64 (44 characters) or hexadecimal (64 digits): make one with GossipKeys.Generate().");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Only the id: a key must not get into a log.</summary>
    public override string ToString() => IdText(Id);

    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        int count;
        if (text.Length == 2 * Size)
        {
            // Digits of this many characters are base64 too, but of 48 bytes, so the two forms cannot be taken for each other.
            return Convert.FromHexString(text, bytes, out _, out count) == System.Buffers.OperationStatus.Done && count == Size;
        }

        return Convert.TryFromBase64Chars(text, bytes, out count) && count == Size;
    }
}
