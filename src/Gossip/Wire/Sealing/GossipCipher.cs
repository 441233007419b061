namespace Gossip;

/// <summary>With what a key of the ring encrypts and authenticates packets. A key belongs to one cipher, so nobody has to guess: the same bytes under another cipher are another key.</summary>
public enum GossipCipher
{
    /// <summary>AES-256 in Galois/counter mode (NIST SP 800-38D): fast wherever the processor has instructions for AES. The default.</summary>
    Aes256Gcm = 0,

    /// <summary>ChaCha20-Poly1305 (RFC 8439), for processors without such instructions. A key for it begins with <c>chacha20-poly1305:</c>. Windows has it from version 20142 on, Linux with OpenSSL 1.1 or later.</summary>
    ChaCha20Poly1305 = 1,
}
