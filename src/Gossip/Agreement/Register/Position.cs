using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

namespace Gossip.Agreement;

/// <summary>
/// Names one value of a register. The digest is chained over everything that ever changed it, so values of two attempts that never met are not
/// taken for each other, although they count alike.
/// </summary>
/// <param name="Revision">How many batches changed the register.</param>
/// <param name="Digest">The first 128 bits of SHA-256 over the digest before and the batch.</param>
internal readonly record struct Position(long Revision, UInt128 Digest)
{
    private const int DigestBytes = 16;

    /// <summary>Held by who holds nothing.</summary>
    public static Position Nowhere => default;

    /// <summary>The position of the empty register of these founders.</summary>
    public static Position Origin(ImmutableArray<AcceptorId> founders) => new(0, Chain(UInt128.Zero, Encode(founders)));

    /// <summary>The position after a batch.</summary>
    public Position After(Batch batch) => batch.IsIdentity ? this : new Position(Revision + 1, Chain(Digest, batch.Encoded.Span));

    /// <summary>The position in the next epoch of a value that is sealed.</summary>
    public Position Opened(Configuration next) => new(Revision + 1, Chain(Digest, Encode(next.Acceptors)));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"r{Revision}#{(ulong)(Digest >> 96):x8}");

    private static UInt128 Chain(UInt128 before, ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(digest, before);
        hash.AppendData(digest[..DigestBytes]);
        hash.AppendData(bytes);
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    private static ReadOnlySpan<byte> Encode(ImmutableArray<AcceptorId> seats) => BatchFormat.Encode(new Batch { Seal = seats }).Span;
}
