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

    /// <summary>A delta put together by hand.</summary>
    public static byte[] Edit(ulong after, ulong upto, byte[][] entries, ulong floor = 0)
    {
        var writer = new WireWriter(new byte[1024]);
        FactsDelta.WriteHeader(ref writer, Owner, after, upto, floor);
        foreach (var entry in entries)
        {
            writer.Bytes(6, entry);
        }

        return writer.Written.ToArray();
    }

    /// <summary>An entry put together by hand; without a value it is a tombstone.</summary>
    public static byte[] Entry(int kind, string key, ulong stamp, byte[]? value)
    {
        var writer = new WireWriter(new byte[256]);
        writer.Number(1, kind);
        writer.Text(2, key);
        writer.Fixed64(3, stamp);
        if (value is not null)
        {
            writer.Bytes(4, value);
        }

        return writer.Written.ToArray();
    }

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
