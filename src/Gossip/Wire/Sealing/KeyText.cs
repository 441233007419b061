using System.Buffers;
using System.Security.Cryptography;

namespace Gossip.Wire;

/// <summary>
/// A key as text: 16, 24 or 32 bytes in base64 or as hexadecimal digits, after the name of its cipher and a colon, where that is not AES-256-GCM.
/// </summary>
internal static class KeyText
{
    private const char Separator = ':';
    private const string AesName = "aes-256-gcm";
    private const string ChaChaName = "chacha20-poly1305";
    private const int DigitsPerByte = 2;

    /// <summary>What the id and the fingerprint of a key hash before its bytes; nothing for AES-256-GCM, and longer than any key for another cipher.</summary>
    public static ReadOnlySpan<byte> Label(GossipCipher cipher) => cipher == GossipCipher.Aes256Gcm ? [] : "gossip-key-chacha20-poly1305\0"u8;

    public static string Format(GossipCipher cipher, ReadOnlySpan<byte> bytes) =>
        (cipher == GossipCipher.Aes256Gcm ? "" : ChaChaName + Separator) + Convert.ToBase64String(bytes);

    /// <exception cref="GossipKeyException">The text is malformed, or the platform lacks the cipher. The message does not repeat the text.</exception>
    public static RingKey Parse(string? text)
    {
        var digits = text.AsSpan().Trim();
        var cipher = GossipCipher.Aes256Gcm;
        if (digits.IndexOf(Separator) is >= 0 and var end)
        {
            cipher = ReadCipher(digits[..end].Trim());
            digits = digits[(end + 1)..].Trim();
        }

        if (SealCipher.Obstacle(cipher) is { } obstacle)
        {
            throw new GossipKeyException(obstacle);
        }

        Span<byte> bytes = stackalloc byte[RingKey.Size];
        try
        {
            return TryDecode(digits, bytes, out var size)
                ? new RingKey(bytes[..size], cipher)
                : throw new GossipKeyException(
                    "A key is not 16, 24 or 32 bytes in base64 (24, 32 or 44 characters) or hexadecimal (32, 48 or 64 digits): make one with GossipKeys.Generate() or 'openssl rand -base64 32'.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static GossipCipher ReadCipher(ReadOnlySpan<char> name) =>
        name.Equals(AesName, StringComparison.OrdinalIgnoreCase) ? GossipCipher.Aes256Gcm
        : name.Equals(ChaChaName, StringComparison.OrdinalIgnoreCase) ? GossipCipher.ChaCha20Poly1305
        : throw new GossipKeyException($"A key names a cipher that is not known, before the colon: write '{ChaChaName}{Separator}' or '{AesName}{Separator}' there, or only the key, for AES-256-GCM.");

    /// <summary>
    /// What consists of hexadecimal digits only is hexadecimal. 32 of them are base64 of 24 bytes, too; but a random key has that form in one of 10^15 cases.
    /// </summary>
    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes, out int size)
    {
        if (RingKey.IsSize(text.Length / DigitsPerByte) && text.Length % DigitsPerByte == 0
            && Convert.FromHexString(text, bytes, out _, out size) == OperationStatus.Done)
        {
            return true;
        }

        return Convert.TryFromBase64Chars(text, bytes, out size) && RingKey.IsSize(size);
    }
}
