using Gossip.Agreement;
using Gossip.Tables;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>What reads hand out, however much changed between two of them.</summary>
public sealed class SnapshotCacheTests
{
    private const int Keys = 40;
    private const int Steps = 3000;

    private static readonly ClusterView View = new MemoryGossip().Join('a').View;
    private static readonly Lineage Register = new(Guid.NewGuid(), Guid.Empty, 0);

    [Fact]
    public void It_gives_the_rows_of_the_state_whichever_commits_it_did_not_see()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var cache = new SnapshotCache();
        var state = TableState.Empty;
        var revision = 0;
        var (patched, unread) = (0, 0);
        for (var step = 0; step < Steps; step++)
        {
            var before = state;
            state = state.Apply(Draw(state, random), out _);
            revision += ReferenceEquals(state, before) ? 0 : 1;
            unread++;
            if (random.Next(TableTrail.MaxLength / 4) >= 8 && unread < 2 * TableTrail.MaxLength)
            {
                continue;
            }

            state = random.Next(10) == 0 ? Decoded(state) : state; // a whole state arrives, which knows of no commits
            var snapshot = cache.Of(Value(state, revision), View);
            Assert.Equal(state.Version, snapshot.Version);
            Assert.Equal(state.Rows.Select(row => (row.Key, row.Value)), snapshot.Rows.Select(row => (row.Key, new StoredRow(row.Value, row.Stamp, row.IsTerminal))));
            patched += unread > 1 ? 1 : 0;
            unread = 0;
        }

        Assert.True(patched > 10, "the reads followed each commit");
    }

    [Fact]
    public void Rows_that_did_not_change_stay_the_same_objects()
    {
        var cache = new SnapshotCache();
        var one = TableState.Empty.Apply(Insert(TableState.Empty, "a"), out _).Apply(new InsertRow(new TableVersion(1, 1), "c", default, IsTerminal: false, 0), out _);
        var before = cache.Of(Value(one, 1), View);
        var after = cache.Of(Value(one.Apply(Insert(one, "b"), out _), 2), View);

        Assert.Equal(["a", "b", "c"], after.Rows.Select(row => row.Key));
        Assert.Same(before.Rows[0], after.Rows[0]);
        Assert.Same(before.Rows[1], after.Rows[2]);
    }

    [Fact]
    public void The_trail_is_followed_within_one_register_only()
    {
        var cache = new SnapshotCache();
        var one = TableState.Empty.Apply(Insert(TableState.Empty, "a"), out _);
        cache.Of(Value(one, 1), View);

        // The other register has the same stamps, and other rows under them.
        var other = TableState.Empty.Apply(Insert(TableState.Empty, "x"), out _);
        other = other.Apply(Insert(other, "y"), out _);
        Assert.Equal(["x", "y"], cache.Of(Value(other, 3, new Lineage(Guid.NewGuid(), Register.Incarnation, 1)), View).Rows.Select(row => row.Key));
    }

    private static RegisterValue Value(TableState state, int revision, Lineage? lineage = null) => new()
    {
        Lineage = lineage ?? Register,
        Configuration = Configuration.Of(1, []),
        Position = new Position(revision, UInt128.Zero),
        Sessions = Sessions.None,
        State = state,
    };

    private static InsertRow Insert(TableState state, string key) => new(state.Version, key, default, IsTerminal: false, 0);

    private static TableChange Draw(TableState state, Random random)
    {
        var key = $"row-{random.Next(Keys):d2}";
        return random.Next(40) switch
        {
            0 => new ClearTable(),
            < 8 => new RemoveRows([.. state.Rows.Where(_ => random.Next(4) == 0).Select(row => (row.Key, row.Value.Stamp))]),
            _ when state.Rows.TryGetValue(key, out var row) => new UpdateRow(state.Version, key, row.Stamp, new byte[random.Next(3)], IsTerminal: row.IsTerminal || random.Next(5) == 0),
            _ => new InsertRow(state.Version, key, new byte[random.Next(3)], IsTerminal: false, 0),
        };
    }

    private static TableState Decoded(TableState state)
    {
        Assert.True(TableFormat.Instance.TryRead(state.Save().Span, out var read));
        return (TableState)read;
    }
}
