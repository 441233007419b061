using System.Security.Cryptography;

namespace Gossip.Wire;

/// <summary>The cipher under one derived key. It serves one caller at a time.</summary>
internal abstract class SealCipher : IDisposable
{
    /// <summary>All ciphers take a key of 256 bits, a nonce of 96 and make a tag of 128, so that the layout of a sealed packet depends on none of them.</summary>
    public const int KeySize = 32;

    public static SealCipher Create(GossipCipher cipher, ReadOnlySpan<byte> key) => cipher switch
    {
        GossipCipher.ChaCha20Poly1305 => new ChaCha(key),
        _ => new Aes(key),
    };

    /// <summary>Why keys for a cipher are of no use here; null when they are.</summary>
    public static string? Obstacle(GossipCipher cipher) => cipher switch
    {
        GossipCipher.Aes256Gcm => Obstacle(cipher, AesGcm.IsSupported),
        GossipCipher.ChaCha20Poly1305 => Obstacle(cipher, ChaCha20Poly1305.IsSupported),
        _ => $"The key is for cipher number {(int)cipher}, which this version of the library does not know: use a key for another cipher until all nodes have the new version.",
    };

    internal static string? Obstacle(GossipCipher cipher, bool isSupported) => isSupported ? null : cipher == GossipCipher.Aes256Gcm
        ? "This platform has no AES-GCM: install its cryptographic library (OpenSSL), or run elsewhere."
        : "This platform has no ChaCha20-Poly1305 (Windows has it from version 20142 on, Linux with OpenSSL 1.1 or later): use a key without a prefix, for AES-256-GCM, on every node.";

    public abstract void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated);

    public abstract void Dispose();

    /// <summary>Writes the packet as it was before it was sealed: the header without a key id, then the body. False when the tag does not verify.</summary>
    public bool TryOpen(SealScope scope, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        Span<byte> associated = stackalloc byte[scope.AssociatedSize];
        scope.WriteAssociated(packet, associated);
        var ciphertext = SealFormat.Ciphertext(packet);
        try
        {
            Decrypt(SealFormat.Nonce(packet), ciphertext, SealFormat.Tag(packet), destination.Slice(PacketHeader.Size, ciphertext.Length), associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        packet[..PacketHeader.Size].CopyTo(destination);
        PacketHeader.WriteKeyId(destination, 0);
        return true;
    }

    protected abstract void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associated);

    private sealed class Aes(ReadOnlySpan<byte> key) : SealCipher
    {
        private readonly AesGcm _cipher = new(key, SealFormat.TagSize);

        public override void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated) =>
            _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associated);

        public override void Dispose() => _cipher.Dispose();

        protected override void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associated) =>
            _cipher.Decrypt(nonce, ciphertext, tag, plaintext, associated);
    }

    private sealed class ChaCha(ReadOnlySpan<byte> key) : SealCipher
    {
        private readonly ChaCha20Poly1305 _cipher = new(key);

        public override void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associated) =>
            _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associated);

        public override void Dispose() => _cipher.Dispose();

        protected override void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associated) =>
            _cipher.Decrypt(nonce, ciphertext, tag, plaintext, associated);
    }
}
