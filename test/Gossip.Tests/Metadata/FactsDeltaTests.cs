using Gossip.Metadata;
using Xunit;

namespace Gossip.Tests.Metadata;

public class FactsDeltaTests
{
    private const string GoldenDelta =
        "0a10" + "00000000000000000000000000000102" + "1003" // owner, generation
        + "190000000000000000" + "210500000000000000" + "290300000000000000" // after, upto, floor
        + "3214" + "0801" + "1203776562" + "190100000000000000" + "2202" + "0802" // tag web = true
        + "320e" + "0802" + "1201" + "6b" + "190500000000000000"; // tombstone of k

    [Fact]
    public void The_bytes_of_a_delta_are_fixed()
    {
        var owner = new FactSet(FactLimits.Default);
        owner.Set(FactKind.Tag, "web", true, 1);
        owner.Set(FactKind.Metadata, "old", 1, 2);
        owner.Remove(FactKind.Metadata, "old", 3);
        owner.CollectTombstones(4);
        owner.Set(FactKind.Metadata, "k", 1, 4);
        owner.Remove(FactKind.Metadata, "k", 5);
        Assert.Equal(GoldenDelta, Convert.ToHexStringLower(FactSetDriver.Delta(owner)));

        var replica = new FactSet(FactLimits.Default);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, Convert.FromHexString(GoldenDelta)));
        Assert.Equal(FactSetDriver.Content(owner), FactSetDriver.Content(replica));
    }

    [Fact]
    public void Relays_pass_on_what_they_do_not_understand()
    {
        var golden = FactSetDriver.Edit(after: 0, upto: 9, entries:
        [
            FactSetDriver.Entry(77, "kind of the future", 5, [0x08, 0x02]),
            FactSetDriver.Entry(2, "value", 6, [0x7a, 0x01, 0x01]),
            [.. FactSetDriver.Entry(2, "field", 7, [0x08, 0x02]), 0x78, 0x05],
        ]);
        var relay = new FactSet(FactLimits.Default);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(relay, golden));
        Assert.Equal(golden, FactSetDriver.Delta(relay));
        Assert.Equal(["field", "value"], relay.Metadata.Keys);
        Assert.Equal(MetadataValueKind.Unknown, relay.Metadata["value"].Kind);
        Assert.True(relay.Metadata.Get<bool>("field"));
    }

    [Fact]
    public void Malformed_deltas_are_no_deltas()
    {
        byte[][] malformed =
        [
            [],
            [0xff],
            FactSetDriver.Edit(after: 2, upto: 1, []),
            FactSetDriver.Edit(after: 0, upto: 4, [FactSetDriver.Entry(1, "above", 5, [])]),
            FactSetDriver.Edit(after: 5, upto: 9, [FactSetDriver.Entry(1, "below", 5, [])]),
            FactSetDriver.Edit(after: 0, upto: 9, [FactSetDriver.Entry(1, "a", 5, []), FactSetDriver.Entry(1, "b", 5, [])]),
            FactSetDriver.Edit(after: 0, upto: 9, [FactSetDriver.Entry(0, "no kind", 5, [])]),
            FactSetDriver.Edit(after: 0, upto: 9, [FactSetDriver.Entry(1, "", 5, [])]),
            FactSetDriver.Edit(after: 0, upto: 9, [FactSetDriver.Entry(1, "no stamp", 0, [])]),
            FactSetDriver.Edit(after: 0, upto: 9, [FactSetDriver.Entry(1, "bad value", 5, [0x08])]),
            FactSetDriver.Edit(after: 0, upto: 9, [[0x12, 0x01, 0xff, .. FactSetDriver.Entry(1, "x", 5, [])[4..]]]),
            [.. FactSetDriver.Edit(after: 0, upto: 9, []), 0x30, 0x01], // an entry that is a number
            [.. FactSetDriver.Edit(after: 0, upto: 9, []), 0x0a, 0x01, 0x01], // a short owner
            FactSetDriver.Edit(after: 0, upto: 9, [])[18..], // no owner
        ];
        Assert.All(malformed, bytes => Assert.False(FactsDelta.TryRead(bytes, out _)));
    }

    [Fact]
    public void Nothing_from_the_wire_throws_or_grows_without_bound()
    {
        const int Inputs = 100_000, Seed = 20250601, MaxGrowthPerByte = 64, Slack = 4096; // the runtime itself allocates now and then
        var random = new Random(Seed);
        var limits = new FactLimits { MaxKeyBytes = 32, MaxFacts = 4, MaxBytes = 120 };
        var owner = new FactSet(FactLimits.Default);
        var replica = new FactSet(limits);
        var stamp = 0UL;
        var outcomes = new int[5];
        for (var i = 0; i < Inputs; i++)
        {
            if (i % 50 == 0)
            {
                replica = new FactSet(limits);
            }

            if (i % 5 == 0)
            {
                FactSetDriver.Change(owner, random, ref stamp);
            }

            var bytes = Mutate(FactSetDriver.Delta(owner, new FactsPosition(stamp * (ulong)random.Next(3) / 2, owner.Floor), 400), random);
            var before = (replica.Position, replica.Count, replica.SizeInBytes, replica.Metadata);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            if (!FactsDelta.TryRead(bytes, out var delta))
            {
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated <= Slack, $"Input {i} of seed {Seed} allocated while it was checked.");
                outcomes[^1]++;
                continue;
            }

            var outcome = replica.Apply(delta);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            outcomes[(int)outcome]++;
            Assert.True(limits.AdmitReplica(replica.Count, replica.SizeInBytes), $"Input {i} of seed {Seed} broke the limits.");
            Assert.True(allocated <= (MaxGrowthPerByte * (bytes.Length + replica.SizeInBytes)) + Slack, $"Input {i} of seed {Seed} took {allocated} bytes.");
            if (outcome == FactsOutcome.Refused)
            {
                Assert.Equal(before, (replica.Position, replica.Count, replica.SizeInBytes, replica.Metadata));
            }

            _ = replica.Tags.Count + replica.Metadata.Values.Sum(value => value.ToString().Length);
        }

        Assert.All(outcomes, count => Assert.True(count > Inputs / 1000, $"Outcomes {string.Join(' ', outcomes)}: one was hardly exercised."));
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        if (random.Next(20) == 0)
        {
            var noise = new byte[random.Next(100)];
            random.NextBytes(noise);
            return noise;
        }

        for (var i = random.Next(4); i > 0; i--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when random.Next(4) == 0 && at > 0:
                    bytes = bytes[..at];
                    break;
                case 3 when random.Next(4) == 0:
                    bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]];
                    break;
            }
        }

        return bytes;
    }
}
