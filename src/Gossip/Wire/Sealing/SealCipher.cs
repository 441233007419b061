using System.Security.Cryptography;

namespace Gossip.Wire;

/// <summary>Takes a seal off.</summary>
internal static class SealCipher
{
    /// <summary>Writes the packet as it was before it was sealed: the header without a key id, then the body. False when the tag does not verify.</summary>
    public static bool TryOpen(AesGcm cipher, SealScope scope, ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        Span<byte> associated = stackalloc byte[scope.AssociatedSize];
        scope.WriteAssociated(packet, associated);
        var ciphertext = SealFormat.Ciphertext(packet);
        try
        {
            cipher.Decrypt(SealFormat.Nonce(packet), ciphertext, SealFormat.Tag(packet), destination.Slice(PacketHeader.Size, ciphertext.Length), associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        packet[..PacketHeader.Size].CopyTo(destination);
        PacketHeader.WriteKeyId(destination, 0);
        return true;
    }
}
