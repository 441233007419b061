using System.Buffers.Binary;
using System.Numerics;
using Gossip.Membership;
using Gossip.Node;

namespace Gossip.Dissemination;

/// <summary>
/// A summary of a view: members fall into buckets by identity, and each bucket is the sum of its members' hashes. Two nodes
/// that know the same have the same digest, whatever the order in which they learned it.
/// </summary>
internal static class ViewDigest
{
    /// <summary>With this many buckets a digest still fits a datagram.</summary>
    public const int MaxBuckets = 128;

    private const int MembersPerBucket = 4;

    /// <summary>How many buckets suit a table: a power of two, so that a bucket is a mask of the identity.</summary>
    public static int BucketsFor(int members) =>
        (int)Math.Min(MaxBuckets, BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, members / MembersPerBucket)));

    public static int BucketOf(NodeId id, int buckets) => (int)(id.LowBits & (ulong)(buckets - 1));

    public static void Compute(MemberTable table, ProtocolTiming timing, long now, Span<ulong> buckets)
    {
        buckets.Clear();
        foreach (var member in table.All)
        {
            if (IsCovered(member, timing, now))
            {
                buckets[BucketOf(member.Id, buckets.Length)] += Hash(member);
            }
        }
    }

    /// <summary>
    /// Tombstones in the second half of their retention are left out: nodes forget them at slightly different times, and
    /// must not pass them back and forth meanwhile. A client is in nobody's view but its own.
    /// </summary>
    public static bool IsCovered(Member member, ProtocolTiming timing, long now) =>
        !member.IsClient && (!member.IsGone || now - member.StateSince < timing.TombstoneRetention.Ticks / 2);

    /// <summary>The states that two nodes must agree on. A suspicion is not one: it is transient, and spreads as a rumour.</summary>
    public static int Rank(MemberState state) => state switch
    {
        MemberState.Leaving => 1,
        MemberState.Dead => 2,
        MemberState.Left => 3,
        _ => 0,
    };

    public static void Write(ReadOnlySpan<ulong> buckets, Span<byte> destination)
    {
        for (var i = 0; i < buckets.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(i * sizeof(ulong))..], buckets[i]);
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> source, Span<ulong> buckets, out int count)
    {
        count = source.Length / sizeof(ulong);
        if (source.Length % sizeof(ulong) != 0 || count > buckets.Length || !BitOperations.IsPow2(count))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            buckets[i] = BinaryPrimitives.ReadUInt64LittleEndian(source[(i * sizeof(ulong))..]);
        }

        return true;
    }

    private static ulong Hash(Member member)
    {
        var hash = SeededRandom.Mix(member.Id.LowBits ^ SeededRandom.Mix(member.Instance.Generation));
        hash = SeededRandom.Mix(hash + member.Incarnation);
        hash = SeededRandom.Mix(hash + (ulong)Rank(member.State));
        return SeededRandom.Mix(hash + member.Facts.Version);
    }
}
