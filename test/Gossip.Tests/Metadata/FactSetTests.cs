using Gossip.Metadata;
using Xunit;

namespace Gossip.Tests.Metadata;

public class FactSetTests
{
    private readonly FactSet _set = new(new FactLimits { MaxKeyBytes = 8, MaxFacts = 3, MaxBytes = 200 });

    [Fact]
    public void Facts_are_set_changed_and_removed()
    {
        Assert.True(_set.Set(FactKind.Tag, "web", true, 1));
        Assert.True(_set.Set(FactKind.Metadata, "web", "a", 2));
        Assert.True(_set.Set(FactKind.Metadata, "web", "b", 3));
        Assert.Equal(["web"], _set.Tags);
        Assert.Equal("b", _set.Metadata.Get<string>("web"));
        Assert.True(_set.TryGet(FactKind.Metadata, "web", out var value) && value == "b");

        Assert.True(_set.Remove(FactKind.Tag, "web", 4));
        Assert.Empty(_set.Tags);
        Assert.Single(_set.Metadata);
        Assert.False(_set.TryGet(FactKind.Tag, "web", out _));
        Assert.Equal((4UL, 2), (_set.Version, _set.Count));

        Assert.True(_set.Set(FactKind.Tag, "web", true, 5));
        Assert.Equal((5UL, 2), (_set.Version, _set.Count));
    }

    [Fact]
    public void What_changes_nothing_keeps_version_and_views()
    {
        _set.Set(FactKind.Tag, "web", true, 1);
        _set.Set(FactKind.Metadata, "n", double.NaN, 2);
        _set.Set(FactKind.Metadata, "m", 1, 3);
        _set.Remove(FactKind.Metadata, "m", 4);
        var tags = _set.Tags;
        var metadata = _set.Metadata;

        Assert.False(_set.Set(FactKind.Metadata, "n", double.NaN, 5));
        Assert.False(_set.Remove(FactKind.Metadata, "m", 5));
        Assert.False(_set.Remove(FactKind.Metadata, "absent", 5));
        Assert.Equal(4UL, _set.Version);
        Assert.Same(tags, _set.Tags);
        Assert.Same(metadata, _set.Metadata);
    }

    [Fact]
    public void Collecting_forgets_old_tombstones_only()
    {
        _set.Set(FactKind.Metadata, "a", 1, 1);
        _set.Set(FactKind.Metadata, "b", 1, 2);
        _set.Remove(FactKind.Metadata, "a", 3);
        _set.Remove(FactKind.Metadata, "b", 5);
        _set.CollectTombstones(3);
        Assert.Equal((0UL, 2), (_set.Floor, _set.Count));
        _set.CollectTombstones(5);
        Assert.Equal((3UL, 1), (_set.Floor, _set.Count));
        _set.CollectTombstones(ulong.MaxValue);
        Assert.Equal((5UL, 0), (_set.Floor, _set.Count));
        Assert.Equal((5UL, 0), (_set.Version, _set.SizeInBytes));
    }

    [Fact]
    public void Bad_input_is_refused_before_anything_changes()
    {
        _set.Set(FactKind.Metadata, "a", 1, 5);
        Assert.Throws<ArgumentNullException>(() => _set.Set(FactKind.Metadata, null!, 1, 6));
        Assert.Throws<ArgumentException>(() => _set.Set(FactKind.Metadata, "", 1, 6));
        Assert.ThrowsAny<ArgumentException>(() => _set.Set(FactKind.Metadata, "\ud83d", 1, 6));
        Assert.Throws<ArgumentException>(() => _set.Set(FactKind.Metadata, "b", default, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => _set.Set(FactKind.Metadata, "b", 1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => _set.Remove(FactKind.Metadata, "a", 5));
        Assert.Equal((5UL, 1), (_set.Version, _set.Count));
    }

    [Fact]
    public void The_owner_keeps_the_limits()
    {
        var key = Assert.Throws<MetadataLimitException>(() => _set.Set(FactKind.Metadata, "ninebytes", 1, 1));
        Assert.Equal((9, 8), (key.Actual, key.Maximum));

        _set.Set(FactKind.Metadata, "a", new string('x', 100), 2);
        var size = _set.SizeInBytes;
        var bytes = Assert.Throws<MetadataLimitException>(() => _set.Set(FactKind.Metadata, "b", new string('x', 100), 3));
        Assert.Contains("MaxMetadataBytes", bytes.Message, StringComparison.Ordinal);
        Assert.Equal((200, size), (bytes.Maximum, _set.SizeInBytes));
        Assert.True(_set.Set(FactKind.Metadata, "a", new string('y', 120), 4)); // replaces, so it counts once

        _set.Set(FactKind.Tag, "b", true, 5);
        _set.Set(FactKind.Tag, "c", true, 6);
        Assert.Equal(3, Assert.Throws<MetadataLimitException>(() => _set.Set(FactKind.Tag, "d", true, 7)).Maximum);
        _set.Remove(FactKind.Tag, "c", 8);
        Assert.Throws<MetadataLimitException>(() => _set.Set(FactKind.Tag, "d", true, 9));
        _set.CollectTombstones(10);
        Assert.True(_set.Set(FactKind.Tag, "d", true, 10));
    }

    [Fact]
    public void A_replica_refuses_what_is_too_much_as_a_whole()
    {
        var owner = new FactSet(FactLimits.Default);
        var small = new FactLimits { MaxKeyBytes = 8, MaxFacts = 1, MaxBytes = 100 };
        var replica = new FactSet(small);
        owner.Set(FactKind.Tag, "a", true, 1);
        owner.Set(FactKind.Tag, "b", true, 2);
        Assert.Equal(FactsOutcome.Applied, FactSetDriver.Apply(replica, FactSetDriver.Delta(owner)));
        var before = FactSetDriver.Content(replica);

        owner.Set(FactKind.Tag, "c", true, 3);
        Assert.Equal(FactsOutcome.Refused, FactSetDriver.Apply(replica, FactSetDriver.Delta(owner, replica.Position)));
        Assert.Equal(FactsOutcome.Refused, FactSetDriver.Apply(new FactSet(small), FactSetDriver.Delta(owner)));

        owner.Remove(FactKind.Tag, "a", 4);
        owner.Remove(FactKind.Tag, "b", 5);
        owner.CollectTombstones(6);
        owner.Set(FactKind.Tag, "ninebytes", true, 7);
        Assert.Equal(FactsOutcome.Refused, FactSetDriver.Apply(replica, FactSetDriver.Delta(owner, replica.Position)));

        owner.Remove(FactKind.Tag, "ninebytes", 8);
        owner.CollectTombstones(9);
        owner.Set(FactKind.Metadata, "c", new string('x', 200), 10);
        Assert.Equal(FactsOutcome.Refused, FactSetDriver.Apply(replica, FactSetDriver.Delta(owner, replica.Position)));
        Assert.Equal(before, FactSetDriver.Content(replica));
    }

    [Fact]
    public void All_facts_fit_the_announced_size()
    {
        var set = new FactSet(FactLimits.Default);
        for (var i = 1; i <= FactLimits.Default.MaxFacts; i++)
        {
            set.Set(FactKind.Metadata, $"key-{i}", new string('x', i % 20), (ulong)i);
        }

        var since = default(FactsPosition);
        FactSetDriver.Delta(set, ref since, out var written, FactsDelta.MaxHeaderSize + set.SizeInBytes);
        Assert.Equal(FactsWritten.Rest, written);
        Assert.Equal(set.Position, since);
        Assert.Throws<MetadataLimitException>(() => set.Set(FactKind.Tag, "one more", true, 2000));
    }
}
