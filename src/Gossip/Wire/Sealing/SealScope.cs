using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gossip.Wire;

/// <summary>
/// Binds seals to one cluster. The full names of cluster and service go into each derived key and are authenticated with each packet, because the
/// header has only 64 bits of their hash.
/// </summary>
internal sealed class SealScope
{
    private const int MaxLabelSize = 32;

    private readonly byte[] _names;
    private readonly byte[] _salt;

    public SealScope(string clusterName, string serviceId)
    {
        _names = Encoding.UTF8.GetBytes($"{clusterName}\0{serviceId}");
        _salt = SHA256.HashData(_names);
    }

    /// <summary>The size of the associated data of a packet; names are short, so it fits the stack.</summary>
    public int AssociatedSize => PacketHeader.Size + _names.Length;

    /// <summary>Writes what a packet's tag covers besides the body: the header as it stands on the wire, then the names.</summary>
    public void WriteAssociated(ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        packet[..PacketHeader.Size].CopyTo(destination);
        _names.CopyTo(destination[PacketHeader.Size..]);
    }

    /// <summary>
    /// The cipher for what one boot of one life sends on one path: HKDF-SHA256 (RFC 5869) of the ring's key. A key of its own for each of them makes a
    /// plain counter a nonce that never repeats, without any agreement between nodes.
    /// </summary>
    public SealCipher Derive(RingKey key, SealPath path, in NodeInstance sender, uint boot)
    {
        var label = Label(key.Cipher);
        Span<byte> info = stackalloc byte[MaxLabelSize + sizeof(SealPath) + NodeId.Size + sizeof(ulong) + SealFormat.BootSize];
        info = info[..^(MaxLabelSize - label.Length)];
        label.CopyTo(info);
        var rest = info[label.Length..];
        rest[0] = (byte)path;
        rest = rest[sizeof(SealPath)..];
        sender.Id.Write(rest);
        rest = rest[NodeId.Size..];
        BinaryPrimitives.WriteUInt64BigEndian(rest, sender.Generation);
        BinaryPrimitives.WriteUInt32BigEndian(rest[sizeof(ulong)..], boot);

        Span<byte> derived = stackalloc byte[SealCipher.KeySize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, derived, _salt, info);
        try
        {
            return SealCipher.Create(key.Cipher, derived);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>The cipher is bound into each derived key: no key is ever used with two of them.</summary>
    private static ReadOnlySpan<byte> Label(GossipCipher cipher) => cipher == GossipCipher.Aes256Gcm ? "gossip-seal-1"u8 : "gossip-seal-1-chacha20-poly1305"u8;
}
