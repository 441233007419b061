using System.Text;
using Gossip.Metadata;
using Gossip.Tables;
using Gossip.Tests.Performance;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>How heartbeats are told, heard, kept and taken back.</summary>
public sealed class HeartbeatTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_heartbeat_outlives_the_member_that_told_of_it()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        await cluster.Other.HeartbeatAsync("a", Noon, Token);
        Assert.Equal(Noon, await HeartbeatAsync(cluster.Client, "a"));

        cluster.Gossip.Forget('b');
        Insert(cluster, "b");
        Assert.Equal(Noon, await HeartbeatAsync(cluster.Client, "a"));
    }

    [Fact]
    public async Task A_heartbeat_that_came_before_its_row_shows_when_the_row_comes()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        await cluster.Other.HeartbeatAsync("b", Noon, Token);
        await cluster.Client.ReadAllAsync(Token);
        Insert(cluster, "b");
        Assert.Equal(Noon, await HeartbeatAsync(cluster.Client, "b"));
    }

    [Fact]
    public async Task A_late_answer_to_an_old_read_makes_no_heartbeat_forgotten()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        var old = cluster.Register.Known!;
        Insert(cluster, "b");
        await cluster.Other.HeartbeatAsync("b", Noon, Token);
        SnapshotCache cache = new();
        var view = cluster.Gossip.Join('c').View;
        Assert.Equal(Noon, cache.Of(cluster.Register.Known!, view).Find("b")!.Heartbeat);

        Assert.Null(cache.Of(old, view).Find("b"));
        Insert(cluster, "c");
        Assert.Equal(Noon, cache.Of(cluster.Register.Known!, view).Find("b")!.Heartbeat);
    }

    [Fact]
    public async Task What_was_told_of_a_row_is_taken_back_when_the_row_is_gone()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        Insert(cluster, "b");
        await cluster.Client.HeartbeatAsync("a", Noon, Token);
        await cluster.Client.HeartbeatAsync("b", Noon, Token);
        await cluster.Client.HeartbeatAsync("never", Noon, Token);
        Assert.Equal(["a", "b", "never"], Told(cluster));

        Remove(cluster, "a");
        Assert.Equal(3, Told(cluster).Length);
        await cluster.Client.ReadAllAsync(Token);
        Assert.Equal(["b"], Told(cluster));
        await cluster.Client.DeleteAllAsync(Token);
        Assert.Empty(Told(cluster));

        Insert(cluster, "b");
        Assert.Null(await HeartbeatAsync(cluster.Client, "b"));
        await cluster.Client.HeartbeatAsync("b", Noon.AddHours(-1), Token);
        Assert.Equal(Noon.AddHours(-1), await HeartbeatAsync(cluster.Other, "b"));
    }

    [Fact]
    public async Task A_read_from_before_a_heartbeat_takes_nothing_back()
    {
        await using var cluster = new MemoryTableCluster();
        await cluster.Client.HeartbeatAsync("old", Noon, Token);
        TaskCompletionSource read = new();
        cluster.Register.BeforeRead = () => read.Task;
        var reading = cluster.Client.ReadAllAsync(Token);
        await cluster.Client.HeartbeatAsync("new", Noon, Token);
        read.SetResult();
        await reading;
        Assert.Equal(["new"], Told(cluster));
    }

    [Fact]
    public async Task An_earlier_time_is_not_told_not_even_beside_a_later_one()
    {
        await using var cluster = new MemoryTableCluster();
        TaskCompletionSource told = new();
        cluster.Gossip.Before = _ => told.Task;
        var later = cluster.Client.HeartbeatAsync("a", Noon, Token);
        var earlier = cluster.Client.HeartbeatAsync("a", Noon.AddMinutes(-1), Token);
        told.SetResult();
        await later;
        await earlier;
        Assert.Equal(Noon, cluster.Gossip.FactsOf('a').Get<DateTimeOffset>(TableFacts.HeartbeatPrefix + "a"));
        Assert.Equal(1, cluster.Gossip.Sets);
    }

    [Fact]
    public async Task What_could_not_be_told_is_told_the_next_time()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        cluster.Gossip.Before = _ => throw new MetadataLimitException("Facts", 2, 1, "");
        await Assert.ThrowsAsync<MetadataLimitException>(() => cluster.Client.HeartbeatAsync("a", Noon, Token));
        Assert.Equal(Noon, await HeartbeatAsync(cluster.Client, "a"));

        cluster.Gossip.Before = _ => Task.CompletedTask;
        await cluster.Client.HeartbeatAsync("a", Noon.AddMinutes(-1), Token);
        Assert.Equal(Noon, cluster.Gossip.FactsOf('a').Get<DateTimeOffset>(TableFacts.HeartbeatPrefix + "a"));
    }

    [Fact]
    public async Task A_read_does_not_fail_when_nothing_can_be_taken_back()
    {
        await using var cluster = new MemoryTableCluster();
        await cluster.Client.HeartbeatAsync("a", Noon, Token);
        cluster.Gossip.Before = _ => throw new GossipStateException("The call", GossipNodeState.Stopped);
        Assert.Empty((await cluster.Client.ReadAllAsync(Token)).Rows);
        cluster.Gossip.Before = _ => Task.CompletedTask;
        await cluster.Client.ReadAllAsync(Token);
        Assert.Empty(Told(cluster));
    }

    [Fact]
    public async Task A_node_tells_of_so_many_rows_and_again_when_some_are_gone()
    {
        await using var cluster = new MemoryTableCluster();
        for (var i = 0; i < HeartbeatPublisher.MaxRows; i++)
        {
            await cluster.Client.HeartbeatAsync($"row{i}", Noon, Token);
        }

        await Assert.ThrowsAsync<TableLimitException>(() => cluster.Client.HeartbeatAsync("one more", Noon, Token));
        await cluster.Client.HeartbeatAsync("row0", Noon.AddSeconds(1), Token);
        await cluster.Client.ReadAllAsync(Token);
        await cluster.Client.HeartbeatAsync("one more", Noon, Token);
        Assert.Equal(["one more"], Told(cluster));
    }

    [Fact]
    public async Task The_longest_keys_have_heartbeats_of_their_own()
    {
        await using var cluster = new MemoryTableCluster();
        var longest = new string('k', TableLimits.MaxKeyBytes);
        string[] keys = [longest, longest[1..] + "j", HeartbeatName.Of(longest), "short"];
        for (var i = 0; i < keys.Length; i++)
        {
            Insert(cluster, keys[i]);
            await cluster.Client.HeartbeatAsync(keys[i], Noon.AddMinutes(i), Token);
        }

        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal(Noon.AddMinutes(i), await HeartbeatAsync(cluster.Other, keys[i]));
        }

        Assert.All(cluster.Gossip.FactsOf('a').Keys, key => Assert.InRange(Encoding.UTF8.GetByteCount(key), 1, FactLimits.Default.MaxKeyBytes));
    }

    [Fact]
    public void Looking_at_the_same_view_again_costs_nothing_and_at_another_only_what_is_new()
    {
        MemoryGossip members = new();
        var me = members.Join('a');
        for (var name = 'b'; name < 'z'; name++)
        {
            members.Join(name);
            members.Tell(name, TableFacts.HeartbeatPrefix + name, Noon);
        }

        TableGossip gossip = new();
        gossip.Observe(me.View);
        Assert.Equal('z' - 'b', gossip.Changes);
        Assert.Equal(0, Allocations.LeastOf(() => gossip.Observe(me.View)));

        members.Tell('b', "something", 1);
        var next = me.View;
        Assert.InRange(Allocations.LeastOf(() => gossip.Observe(next)), 0, 200);
        Assert.Equal('z' - 'b', gossip.Changes);
    }

    [Fact]
    public void Times_of_rows_that_nobody_has_do_not_pile_up()
    {
        const int rounds = 50;
        const int rowsPerRound = 500;
        MemoryGossip members = new();
        var me = members.Join('a');
        TableGossip gossip = new();
        var most = 0;
        var state = TableState.Empty.Apply(new InsertRow(default, "row", default, IsTerminal: false, Floor: 0), out _);
        TableSnapshot table = new(state.Version, [new TableRow("row", state.Rows["row"])]);
        gossip.Raise("row", Noon);
        members.Tell('a', TableFacts.HeartbeatPrefix + "still told", Noon);
        gossip.Observe(me.View);
        for (var round = 0; round < rounds; round++)
        {
            for (var row = 0; row < rowsPerRound; row++)
            {
                gossip.Raise($"gone {round} {row}", Noon);
            }

            gossip.Prune(table);
            most = Math.Max(most, gossip.Count);
        }

        Assert.InRange(most, 2, 2000);
        Assert.Equal((Noon, Noon), (gossip.Find("row"), gossip.Find("still told")));
    }

    [Fact]
    public void On_a_node_that_never_reads_they_do_not_pile_up_either()
    {
        const int rounds = 100;
        const int rowsPerRound = 50;
        MemoryGossip members = new();
        var me = members.Join('a');
        members.Join('b');
        SnapshotCache cache = new();
        for (var round = 0; round < rounds; round++)
        {
            for (var row = 0; row < rowsPerRound; row++)
            {
                members.Tell('b', $"{TableFacts.HeartbeatPrefix}{round} {row}", Noon);
                cache.Raise($"own {round} {row}", Noon);
            }

            cache.Observe(me.View);
            for (var row = 0; row < rowsPerRound; row++)
            {
                members.Tell('b', $"{TableFacts.HeartbeatPrefix}{round} {row}", null);
            }
        }

        Assert.InRange(cache.Heartbeats, 1, 2000);
        members.Tell('b', TableFacts.HeartbeatPrefix + "still told", Noon);
        cache.Observe(me.View);
        var count = cache.Heartbeats;
        cache.Raise("still told", Noon);
        Assert.Equal(count, cache.Heartbeats);
    }

    [Fact]
    public void What_is_no_time_is_passed_over()
    {
        MemoryGossip members = new();
        var me = members.Join('a');
        members.Tell('a', TableFacts.HeartbeatPrefix + "a", "noon");
        TableGossip gossip = new();
        gossip.Observe(me.View);
        Assert.Null(gossip.Find("a"));
        Assert.Equal(-1, gossip.Version);
    }

    private static async Task<DateTimeOffset?> HeartbeatAsync(ITableClient client, string key) =>
        (await client.ReadAllAsync(Token).InTime()).Find(key)!.Heartbeat;

    private static string[] Told(MemoryTableCluster cluster) =>
        [.. cluster.Gossip.FactsOf('a').Keys.Select(key => key[TableFacts.HeartbeatPrefix.Length..])];

    private static void Insert(MemoryTableCluster cluster, string key) =>
        Assert.Equal(TableOutcome.Done, cluster.Register.Decide(new InsertRow(cluster.Register.Table.Version, key, default, IsTerminal: false, Floor: 0)).Outcome);

    private static void Remove(MemoryTableCluster cluster, string key) =>
        Assert.Equal(TableOutcome.Done, cluster.Register.Decide(new RemoveRows([(key, cluster.Register.Table.Rows[key].Stamp)])).Outcome);
}
