using FsCheck;
using FsCheck.Fluent;
using Gossip.Metadata;
using Xunit;

namespace Gossip.Tests.Metadata;

public class FactSetReplicationTests
{
    private const int Rounds = 120;
    private const int Header = FactsDelta.MaxHeaderSize;

    // Each run is driven by one seed, which a failure names. The default generator would stay near zero and repeat itself.
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();
    private static readonly Config ManyRuns = Config.QuickThrowOnFailure.WithMaxTest(400);

    [Fact]
    public void Replicas_converge_and_what_was_deleted_stays_deleted() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var owner = new FactSet(FactLimits.Default);
        var replicas = Enumerable.Range(0, 3).Select(_ => new Observed()).ToArray();
        var network = new List<byte[]>();
        var stamp = 0UL;
        for (var round = 0; round < Rounds; round++)
        {
            FactSetDriver.Change(owner, random, ref stamp);

            // Anyone serves anyone, from what it has, in parts of any size; each delta may reach all, late, twice or never.
            var source = random.Next(2) == 0 ? owner : replicas[random.Next(replicas.Length)].Set;
            var reader = replicas[random.Next(replicas.Length)].Set;
            var since = random.Next(6) switch
            {
                0 => default,
                1 => reader.Position with { Floor = 0 },
                2 => source.Position,
                3 => new FactsPosition(stamp / 2, stamp / 3),
                _ => reader.Position,
            };
            FactsWritten written;
            do
            {
                network.Add(FactSetDriver.Delta(source, ref since, out written, random.Next(Header, Header + 200)));
            }
            while (written == FactsWritten.Part && random.Next(4) != 0);

            for (var i = random.Next(5); i > 0 && network.Count > 0; i--)
            {
                var index = random.Next(network.Count);
                replicas[random.Next(replicas.Length)].Apply(network[index]);
                if (random.Next(3) != 0)
                {
                    network.RemoveAt(index);
                }
            }

            if (random.Next(10) == 0)
            {
                var raised = replicas[random.Next(replicas.Length)].Set;
                raised.RaiseFloor(replicas[random.Next(replicas.Length)].Set.Floor);
            }
        }

        foreach (var replica in replicas)
        {
            PullUntilEqual(owner, replica, random);
            network.ForEach(bytes => replica.Apply(bytes));
            PullUntilEqual(owner, replica, random);
            Assert.Equal(FactSetDriver.Content(owner), FactSetDriver.Content(replica.Set));
        }
    }).Check(ManyRuns);

    [Fact]
    public void Parts_of_a_snapshot_survive_changes_between_them() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var owner = new FactSet(FactLimits.Default);
        var replica = new Observed();
        var stamp = 0UL;
        for (var i = 0; i < 30; i++)
        {
            FactSetDriver.Change(owner, random, ref stamp);
        }

        for (var i = 0; i < 40; i++)
        {
            var since = replica.Set.Position;
            replica.Apply(FactSetDriver.Delta(owner, ref since, out var written, Header + 100));
            Assert.True(written == FactsWritten.Advert || since == replica.Set.Position);
            FactSetDriver.Change(owner, random, ref stamp);
        }

        PullUntilEqual(owner, replica, random);
        Assert.Equal(FactSetDriver.Content(owner), FactSetDriver.Content(replica.Set));
    }).Check(ManyRuns);

    [Fact]
    public void A_replica_serves_others_as_the_owner_would()
    {
        var owner = Filled();
        var relay = new FactSet(FactLimits.Default);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(relay, FactSetDriver.Delta(owner)));
        Assert.Equal(FactSetDriver.Content(owner), FactSetDriver.Content(relay));
    }

    [Fact]
    public void A_delta_applies_once()
    {
        var owner = Filled();
        var replica = new FactSet(FactLimits.Default);
        var delta = FactSetDriver.Delta(owner);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, delta));
        var tags = replica.Tags;
        var metadata = replica.Metadata;
        Assert.Equal(FactsOutcome.Ignored, FactSetDriver.Apply(replica, delta));
        Assert.Same(tags, replica.Tags);
        Assert.Same(metadata, replica.Metadata);
    }

    [Fact]
    public void Facts_beyond_a_gap_are_taken_in_and_asked_for()
    {
        var owner = new FactSet(FactLimits.Default);
        owner.Set(FactKind.Metadata, "a", 1, 10);
        owner.Set(FactKind.Metadata, "b", 2, 20);
        var replica = new FactSet(FactLimits.Default);
        var late = FactSetDriver.Delta(owner, new FactsPosition(10, 0));
        Assert.Equal(FactsOutcome.Gap, FactSetDriver.Apply(replica, late));
        Assert.Equal(default, replica.Position);
        Assert.Equal(2, replica.Metadata.Get<int>("b"));

        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, FactSetDriver.Delta(owner, replica.Position)));
        Assert.Equal(FactSetDriver.Content(owner), FactSetDriver.Content(replica));
    }

    [Fact]
    public void An_advert_tells_who_lags()
    {
        var owner = Filled();
        var since = default(FactsPosition);
        var advert = FactSetDriver.Delta(owner, ref since, out var written, Header);
        Assert.Equal(FactsWritten.Advert, written);
        Assert.Equal(default, since);
        Assert.True(FactsDelta.TryRead(advert, out var delta));
        Assert.Equal((owner.Version, owner.Version, 0), (delta.After, delta.Upto, delta.Count));

        var replica = new FactSet(FactLimits.Default);
        Assert.Equal(FactsOutcome.Gap, FactSetDriver.Apply(replica, advert));
        FactSetDriver.Apply(replica, FactSetDriver.Delta(owner));
        Assert.Equal(FactsOutcome.Ignored, FactSetDriver.Apply(replica, advert));

        _ = FactSetDriver.Delta(owner, ref since, out written, room: 20);
        Assert.Equal(FactsWritten.Nothing, written);
    }

    [Fact]
    public void Nobody_who_missed_a_forgotten_deletion_keeps_the_fact()
    {
        var owner = Filled();
        var replica = new FactSet(FactLimits.Default);
        FactSetDriver.Apply(replica, FactSetDriver.Delta(owner));
        owner.Remove(FactKind.Metadata, "region", 50);
        owner.CollectTombstones(51);
        Assert.Equal(new FactsPosition(50, 50), owner.Position);

        var since = replica.Position;
        var snapshot = FactSetDriver.Delta(owner, ref since, out _);
        Assert.True(FactsDelta.TryRead(snapshot, out var delta));
        Assert.Equal(0UL, delta.After);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, snapshot));
        Assert.False(replica.Metadata.ContainsKey("region"));
        Assert.Equal(FactSetDriver.Content(owner), FactSetDriver.Content(replica));
    }

    [Fact]
    public void An_advert_lets_replicas_forget_tombstones_too()
    {
        var owner = Filled();
        owner.Remove(FactKind.Metadata, "region", 50);
        owner.Set(FactKind.Tag, "late", true, 60);
        var replica = new FactSet(FactLimits.Default);
        FactSetDriver.Apply(replica, FactSetDriver.Delta(owner));
        owner.CollectTombstones(51);
        Assert.Equal(owner.Count + 1, replica.Count);
        Assert.Equal(FactsOutcome.Ignored, FactSetDriver.Apply(replica, FactSetDriver.Delta(owner, replica.Position)));
        Assert.Equal(FactSetDriver.Content(owner), FactSetDriver.Content(replica));
    }

    [Fact]
    public void A_snapshot_of_a_relay_that_lags_brings_nothing_back()
    {
        var replica = new FactSet(FactLimits.Default);
        FactSetDriver.Apply(replica, FactSetDriver.Edit(0, 10, [True("other", 10)]));
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, FactSetDriver.Edit(0, 5, [True("gone", 4)], floor: 12)));
        Assert.Equal(new FactsPosition(5, 12), replica.Position);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, FactSetDriver.Edit(5, 8, [True("gone", 7)], floor: 12)));
        Assert.Equal(["other"], replica.Tags);
    }

    [Fact]
    public void A_deletion_seen_early_outlasts_the_floor_until_the_snapshot_gets_there()
    {
        var replica = new FactSet(FactLimits.Default);
        var deletion = FactSetDriver.Edit(8, 11, [FactSetDriver.Entry((int)FactKind.Tag, "gone", 11, value: null)]);
        Assert.Equal(FactsOutcome.Gap, FactSetDriver.Apply(replica, deletion));
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, FactSetDriver.Edit(0, 5, [True("other", 5)], floor: 12)));
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, FactSetDriver.Edit(5, 10, [True("gone", 9)], floor: 12)));
        Assert.Equal(["other"], replica.Tags);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, FactSetDriver.Edit(10, 12, [], floor: 12)));
        Assert.Equal(1, replica.Count);
    }

    [Fact]
    public void Beyond_a_gap_nothing_below_the_floor_is_believed()
    {
        var replica = new FactSet(FactLimits.Default);
        FactSetDriver.Apply(replica, FactSetDriver.Edit(0, 5, [True("other", 5)], floor: 12));
        Assert.Equal(FactsOutcome.Gap, FactSetDriver.Apply(replica, FactSetDriver.Edit(6, 8, [True("gone", 7)])));
        Assert.Equal(FactsOutcome.Gap, FactSetDriver.Apply(replica, FactSetDriver.Edit(4, 8, [True("gone", 7)])));
        Assert.Equal(["other"], replica.Tags);
        Assert.Equal(FactsOutcome.Gap, FactSetDriver.Apply(replica, FactSetDriver.Edit(13, 14, [True("new", 14)])));
        Assert.Equal(["new", "other"], replica.Tags);
    }

    private static byte[] True(string tag, ulong stamp) => FactSetDriver.Entry((int)FactKind.Tag, tag, stamp, [0x08, 0x02]);

    private static FactSet Filled()
    {
        var set = new FactSet(FactLimits.Default);
        set.Set(FactKind.Tag, "web", true, 10);
        set.Set(FactKind.Metadata, "region", "eu", 20);
        set.Set(FactKind.System, "app-version", "1.2", 30);
        return set;
    }

    private static void PullUntilEqual(FactSet owner, Observed replica, Random random)
    {
        // Each pull moves the position up, so there are at most as many as facts; the owner rests meanwhile.
        for (var pulls = 0; replica.Set.Position != owner.Position; pulls++)
        {
            Assert.True(pulls <= Rounds, "The replica does not catch up.");
            var since = replica.Set.Position;
            var delta = FactSetDriver.Delta(owner, ref since, out var written, random.Next(Header + 100, Header + 300));

            // A replica that lacks only the news that tombstones were forgotten learns it from the advert.
            Assert.Equal(written == FactsWritten.Advert ? FactsOutcome.Ignored : FactsOutcome.Applied, replica.Apply(delta));
            Assert.Equal(written == FactsWritten.Advert ? owner.Position : since, replica.Set.Position);
        }
    }

    /// <summary>A replica under watch: what is seen of a key never gets older, and returns only as something newer.</summary>
    private sealed class Observed
    {
        private readonly Dictionary<string, (HybridTimestamp Stamp, bool Visible)> _seen = [];

        public FactSet Set { get; } = new(FactLimits.Default);

        public FactsOutcome Apply(byte[] bytes)
        {
            if (bytes.Length == 0)
            {
                return FactsOutcome.Ignored;
            }

            var before = Set.Position;
            var outcome = FactSetDriver.Apply(Set, bytes);
            var after = Set.Position;
            Assert.NotEqual(FactsOutcome.Refused, outcome);
            Assert.True((after.Floor, after.Version).CompareTo((before.Floor, before.Version)) >= (outcome == FactsOutcome.Applied ? 1 : 0));
            Watch();
            return outcome;
        }

        private void Watch()
        {
            foreach (var key in _seen.Keys.Union(Set.Metadata.Keys).ToArray())
            {
                var known = _seen.GetValueOrDefault(key);
                if (Set.Metadata.GetTimestamp(key) is { } stamp)
                {
                    Assert.True(known.Visible ? stamp >= known.Stamp : stamp > known.Stamp, $"{key} came back.");
                    _seen[key] = (stamp, true);
                }
                else
                {
                    _seen[key] = (known.Stamp, false);
                }
            }
        }
    }
}
