using Gossip.Metadata;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Metadata;

/// <summary>Moves deltas between fact sets as bytes.</summary>
internal static class FactSetDriver
{
    public static readonly NodeInstance Owner = new(new NodeId(0x0102), 3);

    /// <summary>The next delta for a reader at <paramref name="since"/>, empty when nothing fits.</summary>
    public static byte[] Delta(FactSet set, ref FactsPosition since, out FactsWritten written, int room = 1 << 20)
    {
        var writer = new WireWriter(new byte[room]);
        written = set.WriteDelta(ref writer, Owner, ref since);
        Assert.False(writer.Overflowed);
        Assert.Equal(written == FactsWritten.Nothing, writer.Position == 0);
        return writer.Written.ToArray();
    }

    public static byte[] Delta(FactSet set, FactsPosition since = default, int room = 1 << 20) => Delta(set, ref since, out _, room);

    public static FactsOutcome Apply(FactSet set, byte[] bytes)
    {
        Assert.True(FactsDelta.TryRead(bytes, out var delta));
        Assert.Equal(Owner, delta.Owner);
        return set.Apply(delta);
    }

    /// <summary>Everything that can be seen of a set, tombstones and stamps included.</summary>
    public static string Content(FactSet set) =>
        $"{set.Position} {set.Count} {set.SizeInBytes} {Convert.ToHexString(Delta(set))} "
        + $"{string.Join(',', set.Tags)} {string.Join(',', set.Metadata.Select(pair => $"{pair.Key}={pair.Value}@{set.Metadata.GetTimestamp(pair.Key)}"))}";

    /// <summary>A random change by the owner, over few keys so that they collide.</summary>
    public static void Change(FactSet owner, Random random, ref ulong stamp)
    {
        stamp += (ulong)random.Next(1, 4);
        var key = $"k{random.Next(8)}";
        var kind = random.Next(4) == 0 ? FactKind.Tag : FactKind.Metadata;
        switch (random.Next(10))
        {
            case < 5:
                owner.Set(kind, key, random.Next(3) == 0 ? new string('v', random.Next(60)) : random.Next(5), stamp);
                break;
            case < 9:
                owner.Remove(kind, key, stamp);
                break;
            default:
                owner.CollectTombstones(stamp - (ulong)random.Next(1, 20));
                break;
        }
    }
}
