using Gossip.Membership;
using Gossip.Node;
using Xunit;

namespace Gossip.Tests.Membership;

public sealed class MemberIndexTests
{
    private const int Steps = 20_000;

    [Theory]
    [InlineData(1, ulong.MaxValue)]
    [InlineData(2, 7)] // few hashes: long rows of places, and slots that share one
    public void It_finds_what_a_dictionary_finds(ulong seed, ulong hashMask)
    {
        var random = new SeededRandom(seed);
        var index = new MemberIndex(seed);
        var expected = new Dictionary<int, uint>();
        for (var step = 0; step < Steps; step++)
        {
            // It grows, shrinks and grows again.
            var slot = random.Next(step % 4000 < 2000 ? 400 : 40);
            if (expected.Remove(slot, out var known))
            {
                index.Remove(known, slot);
            }
            else
            {
                var hash = index.Hash(new NodeId(random.NextUInt64() & hashMask));
                index.Add(hash, slot);
                expected.Add(slot, hash);
            }

            var asked = index.Hash(new NodeId(random.NextUInt64() & hashMask));
            Assert.Equal(expected.Where(pair => pair.Value == asked).Select(pair => pair.Key).Order(), Slots(index, asked).Order());
            if (expected.TryGetValue(slot, out var added))
            {
                Assert.Contains(slot, Slots(index, added));
            }
        }

        Assert.Equal(expected.Count, index.Count);
        Assert.All(expected, pair => Assert.Contains(pair.Key, Slots(index, pair.Value)));
    }

    [Fact]
    public void Both_halves_of_an_identity_and_the_seed_choose_the_place()
    {
        var index = new MemberIndex(1);
        var hash = index.Hash(new NodeId(new UInt128(1, 1)));

        Assert.NotEqual(hash, index.Hash(new NodeId(new UInt128(2, 1))));
        Assert.NotEqual(hash, index.Hash(new NodeId(new UInt128(1, 2))));
        Assert.NotEqual(hash, new MemberIndex(2).Hash(new NodeId(new UInt128(1, 1))));
    }

    private static List<int> Slots(MemberIndex index, uint hash)
    {
        var slots = new List<int>();
        for (uint probe = 0; index.Next(hash, ref probe) is var slot and >= 0;)
        {
            slots.Add(slot);
        }

        return slots;
    }
}
