namespace Gossip.Wire;

/// <summary>
/// Seals what this process sends on one path, under a counter that only rises: whatever the key and the life of the node, no two packets of a
/// process have one nonce.
/// </summary>
internal sealed class SealLane(SealScope scope, SealPath path, uint boot) : IDisposable
{
    private readonly Lock _gate = new(); // a cipher serves one caller at a time
    private ulong _counter;
    private (UInt128 Key, NodeInstance Sender) _owner;
    private SealCipher? _cipher;

    /// <summary>Seals a plaintext packet into a buffer that is <see cref="SealFormat.Overhead"/> longer, and returns the size of what was written.</summary>
    public int Seal(RingKey key, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        var size = packet.Length + SealFormat.Overhead;
        var sealedPacket = destination[..size];
        packet[..PacketHeader.Size].CopyTo(sealedPacket);
        PacketHeader.WriteKeyId(sealedPacket, key.Id);

        Span<byte> associated = stackalloc byte[scope.AssociatedSize];
        scope.WriteAssociated(sealedPacket, associated);
        var nonce = sealedPacket.Slice(PacketHeader.Size, SealFormat.NonceSize);
        var ciphertext = sealedPacket[(PacketHeader.Size + SealFormat.NonceSize)..^SealFormat.TagSize];
        lock (_gate)
        {
            SealFormat.WriteNonce(nonce, boot, ++_counter);
            CipherFor(key, PacketHeader.ReadSender(packet)).Encrypt(nonce, packet[PacketHeader.Size..], ciphertext, sealedPacket[^SealFormat.TagSize..], associated);
        }

        return size;
    }

    /// <summary>
    /// Opens a packet that this lane sealed, for whoever must know what did not leave. False when the key was removed since.
    /// </summary>
    public bool TryReopen(KeyRing ring, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        if (ring.Find(PacketHeader.ReadKeyId(packet)) is not { } key)
        {
            return false;
        }

        lock (_gate)
        {
            return CipherFor(key, PacketHeader.ReadSender(packet)).TryOpen(scope, packet, destination);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _cipher?.Dispose();
            _cipher = null; // a send that comes too late derives anew, rather than throw into its caller's face
        }
    }

    private SealCipher CipherFor(RingKey key, in NodeInstance sender)
    {
        var owner = (key.Fingerprint, sender);
        if (_cipher is null || _owner != owner)
        {
            _cipher?.Dispose();
            _cipher = scope.Derive(key, path, sender, boot);
            _owner = owner;
        }

        return _cipher;
    }
}
