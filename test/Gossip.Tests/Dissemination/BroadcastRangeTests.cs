using Gossip.Dissemination;
using Gossip.Tests.Hostile;
using Gossip.Tests.Membership;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Dissemination;

public sealed class BroadcastRangeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_kept_is_what_is_read(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var window = new BroadcastWindow(long.MaxValue, int.MaxValue, new BroadcastCounters());
            var instance = TestNodes.Instance('a', (ulong)random.Next(1, 1000));
            var first = (ulong)random.NextInt64(1, long.MaxValue);
            Dictionary<ulong, bool> kept = [];
            for (var i = random.Next(1, 40); i > 0; i--)
            {
                var (sequence, isLarge) = (first + (ulong)random.Next(BroadcastLimits.PerOrigin), random.Next(2) == 0);
                if (kept.TryAdd(sequence, isLarge))
                {
                    window.Keep(instance, sequence, [], 0, isLarge, 0);
                }
            }

            Assert.True(BroadcastRange.TryRead(Written(window), out var range));
            Assert.Equal(instance, range.Origin);
            for (var i = 0; i < range.Width; i++)
            {
                var sequence = range.First + (ulong)i;
                Assert.Equal(kept.ContainsKey(sequence), range.Contains(sequence));
                Assert.Equal(kept.GetValueOrDefault(sequence), BroadcastRange.Has(range.Large, i));
            }

            Assert.True(kept.Keys.All(sequence => sequence >= kept.Keys.Min()));
            Assert.Equal(kept.Keys.Min(), range.First);
            Assert.True(range.Contains(kept.Keys.Max()));
            Assert.False(window.Holding[0].IsMoreThan(range));
        }
    }

    [Fact]
    public void Any_bytes_are_a_range_within_the_limits_or_none() => Fuzz.Run("broadcast range", [Sample(1, 64), Sample(100, 1), Sample(ulong.MaxValue - 600, 8)], 0, 0, static input =>
    {
        if (BroadcastRange.TryRead(input, out var range))
        {
            Assert.True(range.First != 0 && !range.Origin.Id.IsNone);
            Assert.True(range.Width is > 0 and <= BroadcastLimits.PerOrigin);
            Assert.True(range.First + (ulong)range.Width >= range.First);
            Assert.True(range.Large.Length <= range.Held.Length);
        }
    });

    [Theory]
    [InlineData(0UL, 1)]
    [InlineData(1UL, 0)]
    [InlineData(1UL, 65)]
    [InlineData(ulong.MaxValue - 3, 1)]
    public void A_range_without_numbers_or_with_too_many_is_none(ulong first, int bytes) => Assert.False(BroadcastRange.TryRead(Sample(first, bytes), out _));

    private static byte[] Sample(ulong first, int bytes)
    {
        var bitmap = Enumerable.Repeat((byte)0x81, bytes).ToArray();
        var writer = new WireWriter(new byte[256]);
        BroadcastRange.WriteFields(ref writer, new BroadcastRange { Origin = TestNodes.Instance('a'), First = first, Held = bitmap, Large = bitmap });
        return writer.Written.ToArray();
    }

    private static byte[] Written(BroadcastWindow window)
    {
        Span<byte> held = stackalloc byte[BroadcastRange.MaxBitmap];
        Span<byte> large = stackalloc byte[BroadcastRange.MaxBitmap];
        var writer = new WireWriter(new byte[256]);
        BroadcastRange.WriteFields(ref writer, Assert.Single(window.Holding).ToRange(held, large));
        return writer.Written.ToArray();
    }
}
