using Gossip.Tables;
using Gossip.Tests.Messaging;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>What the client makes of the register's answers, and what it refuses itself.</summary>
public sealed class TableClientTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_without_a_change_between_them_give_the_same_snapshot_and_after_one_the_same_rows()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        Insert(cluster, "b");
        var first = await cluster.Client.ReadAllAsync(Token);
        Assert.Same(first, await cluster.Client.ReadAllAsync(Token));

        cluster.Gossip.Tell('b', "something", 1); // another view that says nothing about the table
        Assert.Same(first, await cluster.Client.ReadAllAsync(Token));

        await cluster.Other.HeartbeatAsync("b", Noon, Token);
        var second = await cluster.Client.ReadAllAsync(Token);
        Assert.Same(first.Rows[0], second.Rows[0]);
        Assert.NotSame(first.Rows[1], second.Rows[1]);
        Insert(cluster, "c");
        var third = await cluster.Client.ReadAllAsync(Token);
        Assert.Equal(second.Rows.AsEnumerable(), third.Rows.Take(2), ReferenceEqualityComparer.Instance);
    }

    [Fact]
    public async Task A_heartbeat_asks_the_register_nothing()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        await cluster.Client.HeartbeatAsync("a", Noon, Token);
        Assert.Equal((0, 0, 1), (cluster.Register.Reads, cluster.Register.Changes, cluster.Gossip.Sets));
    }

    [Fact]
    public async Task The_bytes_of_a_write_that_waits_in_line_are_those_of_the_call()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        var version = (await cluster.Client.ReadAllAsync(Token)).Version;
        var decide = new TaskCompletionSource();
        cluster.Register.BeforeChange = _ => decide.Task;
        var head = cluster.Client.InsertRowAsync("a", new byte[1], version, cancellationToken: Token); // loses, so that the next one goes on
        byte[] value = [1, 2, 3];
        var next = cluster.Client.InsertRowAsync("b", value, version, cancellationToken: Token);
        Array.Clear(value);
        decide.SetResult();
        Assert.False(await head);
        Assert.True(await next);
        Assert.Equal(new byte[] { 1, 2, 3 }, (await cluster.Client.ReadAllAsync(Token)).Find("b")!.Value);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_anything_is_sent()
    {
        await using var cluster = new MemoryTableCluster();
        var (client, version) = (cluster.Client, default(TableVersion));
        var largest = new byte[TableLimits.MaxRowBytes];
        var longest = new string('k', TableLimits.MaxKeyBytes - 2) + "é"; // of two bytes

        var error = await Assert.ThrowsAsync<TableLimitException>(() => client.InsertRowAsync("a", new byte[largest.Length + 1], version, cancellationToken: Token));
        Assert.Equal((largest.Length + 1, largest.Length), (error.Size, error.Limit));
        await Assert.ThrowsAsync<TableLimitException>(() => client.UpdateRowAsync("a", new byte[largest.Length + 1], "1", version, cancellationToken: Token));
        error = await Assert.ThrowsAsync<TableLimitException>(() => client.InsertRowAsync(longest + "k", largest, version, cancellationToken: Token));
        Assert.Equal((TableLimits.MaxKeyBytes + 1, TableLimits.MaxKeyBytes), (error.Size, error.Limit));
        await Assert.ThrowsAsync<TableLimitException>(() => client.UpdateRowAsync(longest + "k", largest, "1", version, cancellationToken: Token));
        await Assert.ThrowsAsync<TableLimitException>(() => client.ReadRowAsync(longest + "k", Token));
        await Assert.ThrowsAsync<TableLimitException>(() => client.HeartbeatAsync(longest + "k", Noon, Token));
        Assert.Equal((0, 0, 0), (cluster.Register.Reads, cluster.Register.Changes, cluster.Gossip.Sets));

        Assert.True(await client.InsertRowAsync(longest, largest, version, cancellationToken: Token));
        Assert.Equal(largest.Length, (await client.ReadRowAsync(longest, Token)).Rows[0].Value.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("half \ud800")]
    [InlineData("replaced \ufffd")]
    public async Task What_is_no_key_is_refused_before_anything_is_sent(string key)
    {
        await using var cluster = new MemoryTableCluster();
        var client = cluster.Client;
        await Assert.ThrowsAsync<ArgumentException>(() => client.ReadRowAsync(key, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => client.InsertRowAsync(key, default, default, cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(() => client.UpdateRowAsync(key, default, "1", default, cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentException>(() => client.HeartbeatAsync(key, Noon, Token));
        Assert.Equal((0, 0, 0), (cluster.Register.Reads, cluster.Register.Changes, cluster.Gossip.Sets));
    }

    [Fact]
    public async Task A_full_table_says_so_and_nothing_is_lost()
    {
        await using var cluster = new MemoryTableCluster();
        var row = new byte[TableLimits.MaxRowBytes];
        var count = 0;
        while (true)
        {
            var table = await cluster.Client.ReadAllAsync(Token);
            try
            {
                Assert.True(await cluster.Client.InsertRowAsync($"row{count}", row, table.Version, cancellationToken: Token));
                count++;
            }
            catch (TableLimitException e)
            {
                Assert.Equal(TableLimits.MaxBytes, e.Limit);
                Assert.InRange(e.Size, TableLimits.MaxBytes + 1, TableLimits.MaxBytes + row.Length);
                break;
            }
        }

        var full = await cluster.Client.ReadAllAsync(Token);
        Assert.Equal((count, count), (full.Rows.Length, full.Version.Number));
        Assert.True(await cluster.Client.UpdateRowAsync("row0", default, full.Find("row0")!.Etag, full.Version, cancellationToken: Token));
    }

    [Fact]
    public async Task Ten_thousand_rows_are_one_table()
    {
        const int rows = 10_000;
        const int rowBytes = 200;
        await using var cluster = new MemoryTableCluster();
        for (var i = 0; i < rows; i++)
        {
            Assert.Equal(TableOutcome.Done, cluster.Register.Decide(new InsertRow(cluster.Register.Table.Version, $"10.0.{i / 256}.{i % 256}:11111@1", new byte[rowBytes], i % 2 == 0, Floor: 0)).Outcome);
        }

        var table = await cluster.Client.ReadAllAsync(Token);
        Assert.Equal((rows, rows), (table.Rows.Length, table.Version.Number));
        Assert.All(table.Rows, row => Assert.Same(row, table.Find(row.Key)));
        Assert.True(await cluster.Client.CleanupDefunctAsync(Noon, _ => DateTimeOffset.MinValue, cancellationToken: Token));
        var after = await cluster.Other.ReadAllAsync(Token);
        Assert.Equal((rows / 2, rows + 1), (after.Rows.Length, after.Version.Number));
    }

    [Fact]
    public async Task A_table_at_the_end_of_its_versions_refuses_more()
    {
        await using var cluster = new MemoryTableCluster();
        cluster.Register.Decide(new InsertRow(default, "a", default, IsTerminal: false, Floor: int.MaxValue));
        var table = await cluster.Client.ReadAllAsync(Token);
        var error = await Assert.ThrowsAsync<TableLimitException>(() => cluster.Client.InsertRowAsync("b", default, table.Version, cancellationToken: Token));
        Assert.Equal(int.MaxValue, error.Limit);
    }

    [Fact]
    public async Task Nodes_that_do_not_know_an_operation_are_named_as_the_cause()
    {
        await using var cluster = new MemoryTableCluster();
        foreach (var answer in new[] { TableFormat.Encode(new TableResult(TableOutcome.Unknown, default)), [0xff] })
        {
            cluster.Register.Answer = answer;
            await Assert.ThrowsAsync<TableOperationUnknownException>(() => cluster.Client.InsertRowAsync("a", default, default, cancellationToken: Token));
            await Assert.ThrowsAsync<TableOperationUnknownException>(() => cluster.Client.DeleteAllAsync(Token));
        }
    }

    [Fact]
    public async Task Without_a_majority_nothing_is_answered()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        var table = await cluster.Client.ReadAllAsync(Token);
        cluster.Register.BeforeRead = () => throw new TableUnavailableException("No majority.", mayHaveHappened: false);
        cluster.Register.BeforeChange = _ => throw new TableUnavailableException("No majority.", mayHaveHappened: true);

        await Assert.ThrowsAsync<TableUnavailableException>(() => cluster.Client.ReadAllAsync(Token));
        await Assert.ThrowsAsync<TableUnavailableException>(() => cluster.Client.ReadRowAsync("a", Token));
        await Assert.ThrowsAsync<TableUnavailableException>(() => cluster.Client.CleanupDefunctAsync(Noon, cancellationToken: Token));
        Assert.True((await Assert.ThrowsAsync<TableUnavailableException>(() => cluster.Client.DeleteAllAsync(Token))).MayHaveHappened);
        await Assert.ThrowsAsync<TableUnavailableException>(() => cluster.Client.InsertRowAsync("b", default, table.Version, cancellationToken: Token));
        await Assert.ThrowsAsync<TableUnavailableException>(() => cluster.Client.InsertRowAsync("b", default, new TableVersion(1, "junk"), cancellationToken: Token));
        await cluster.Client.HeartbeatAsync("a", Noon, Token); // which needs none
    }

    [Fact]
    public async Task A_call_that_is_cancelled_says_so()
    {
        await using var cluster = new MemoryTableCluster();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cluster.Client.ReadAllAsync(cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cluster.Client.InsertRowAsync("a", default, default, cancellationToken: cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cluster.Client.HeartbeatAsync("a", Noon, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cluster.Client.TakeTurnAsync(cancelled.Token));
        Assert.Equal(0, cluster.Register.Table.Version.Number);
    }

    [Fact]
    public async Task After_the_stop_every_call_says_so_and_changes_nothing()
    {
        await using var cluster = new MemoryTableCluster();
        var client = cluster.Client;
        await cluster.StopAsync();
        foreach (var call in new Func<Task>[]
        {
            () => client.ReadAllAsync(Token), () => client.ReadRowAsync("a", Token), () => client.InsertRowAsync("a", default, default, cancellationToken: Token),
            () => client.InsertRowAsync("a", default, new TableVersion(0, "junk"), cancellationToken: Token), () => client.UpdateRowAsync("a", default, "1", default, cancellationToken: Token),
            () => client.HeartbeatAsync("a", Noon, Token), () => client.CleanupDefunctAsync(Noon, cancellationToken: Token), () => client.DeleteAllAsync(Token), () => client.TakeTurnAsync(Token),
        })
        {
            Assert.Equal(GossipNodeState.Stopped, (await Assert.ThrowsAsync<GossipStateException>(call)).State);
        }

        Assert.Equal((0, 0, 0), (cluster.Register.Reads, cluster.Register.Changes, cluster.Gossip.Sets));
    }

    [Fact]
    public async Task A_turn_that_does_not_come_is_done_without()
    {
        await using var cluster = new MemoryTableCluster(new TableOptions { OperationTimeout = TimeSpan.FromMilliseconds(1) });
        await using var turn = await cluster.Client.TakeTurnAsync(Token);
        await using var none = await cluster.Other.TakeTurnAsync(Token);
        Assert.NotSame(turn, none);
    }

    [Fact]
    public async Task The_floor_by_the_clock_lifts_the_first_commit_only()
    {
        var clock = new TestClock(); // which begins where the floor does
        clock.Advance(TimeSpan.FromDays(100));
        await using var cluster = new MemoryTableCluster(new TableOptions { VersionFloor = TableVersionFloor.Clock }, clock);
        Assert.True(await cluster.Client.InsertRowAsync("a", default, default, cancellationToken: Token));
        var first = (await cluster.Client.ReadAllAsync(Token)).Version;
        Assert.Equal(100 * 24 * 3600 * ClockFloor.PerSecond, first.Number);

        clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await cluster.Client.InsertRowAsync("b", default, first, cancellationToken: Token));
        Assert.Equal(first.Number + 1, (await cluster.Client.ReadAllAsync(Token)).Version.Number);
        await cluster.Client.DeleteAllAsync(Token);
        Assert.True(await cluster.Client.InsertRowAsync("a", default, (await cluster.Client.ReadAllAsync(Token)).Version, cancellationToken: Token));
        Assert.Equal(first.Number + 3, (await cluster.Client.ReadAllAsync(Token)).Version.Number);
    }

    [Fact]
    public void The_floor_rises_with_the_clock_to_an_end_that_leaves_room()
    {
        Assert.Equal(0, ClockFloor.At(ClockFloor.Origin.AddYears(-1)));
        Assert.Equal(0, ClockFloor.At(ClockFloor.Origin));
        Assert.Equal(2, ClockFloor.At(ClockFloor.Origin.AddSeconds(1)));
        var last = new DateTimeOffset(2054, 10, 10, 0, 0, 0, TimeSpan.Zero);
        Assert.InRange(ClockFloor.At(last), 1, int.MaxValue - ClockFloor.Headroom - 1);
        Assert.Equal(1_879_048_191, ClockFloor.At(last.AddDays(1)));
        Assert.Equal(1_879_048_191, ClockFloor.At(DateTimeOffset.MaxValue));
    }

    private static void Insert(MemoryTableCluster cluster, string key) =>
        Assert.Equal(TableOutcome.Done, cluster.Register.Decide(new InsertRow(cluster.Register.Table.Version, key, new byte[] { 1 }, IsTerminal: false, Floor: 0)).Outcome);
}
