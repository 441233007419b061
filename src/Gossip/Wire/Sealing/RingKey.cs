using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Gossip.Wire;

/// <summary>One secret of the key ring, the cipher that it is for, and the number under which packets name it.</summary>
internal sealed class RingKey
{
    /// <summary>The size of keys that are made here, and the largest.</summary>
    public const int Size = 32;

    public const int FingerprintSize = 16;

    private readonly byte[] _bytes;

    public RingKey(ReadOnlySpan<byte> bytes, GossipCipher cipher = GossipCipher.Aes256Gcm)
    {
        if (!IsSize(bytes.Length))
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes.Length, "A key has 16, 24 or 32 bytes.");
        }

        _bytes = bytes.ToArray();
        Cipher = cipher;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(hash);
        Fingerprint = BinaryPrimitives.ReadUInt128BigEndian(hash);
        Id = IdOf(Fingerprint);
    }

    public GossipCipher Cipher { get; }

    /// <summary>Never zero, which is what plaintext packets have. Public: it stands in every header.</summary>
    public byte Id { get; }

    /// <summary>Says whether two keys are the same without their bytes. Members tell it each other under seal; of a random key it reveals nothing.</summary>
    public UInt128 Fingerprint { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>As AES has them, and the systems that clusters come from. Packets are sealed under keys that are derived from them, of 32 bytes each.</summary>
    public static bool IsSize(int size) => size is 16 or 24 or Size;

    /// <summary>The first byte that is not zero.</summary>
    public static byte IdOf(UInt128 fingerprint)
    {
        Span<byte> bytes = stackalloc byte[FingerprintSize];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, fingerprint);
        var firstNonZero = bytes.IndexOfAnyExcept((byte)0);
        return firstNonZero < 0 ? (byte)1 : bytes[firstNonZero];
    }

    /// <summary>The id as users see it: two hexadecimal digits.</summary>
    public static string IdText(byte id) => id.ToString("x2", CultureInfo.InvariantCulture);

    /// <summary>Reads a key as <see cref="KeyText"/> says.</summary>
    /// <exception cref="GossipKeyException">The text is malformed, or of no use here. The message does not repeat it.</exception>
    public static RingKey Parse(string? text) => KeyText.Parse(text);

    /// <summary>Only the id: a key must not get into a log.</summary>
    public override string ToString() => IdText(Id);

    /// <summary>The cipher is a part of what is hashed, so keys for two ciphers differ even if somebody gives both the same bytes.</summary>
    private void Hash(Span<byte> hash)
    {
        var label = KeyText.Label(Cipher);
        Span<byte> input = stackalloc byte[label.Length + Size];
        label.CopyTo(input);
        _bytes.CopyTo(input[label.Length..]);
        input = input[..(label.Length + _bytes.Length)];
        SHA256.HashData(input, hash);
        CryptographicOperations.ZeroMemory(input);
    }
}
