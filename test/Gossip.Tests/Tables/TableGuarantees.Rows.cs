using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>Heartbeats, clean-up, and clusters beside each other.</summary>
public abstract partial class TableGuarantees
{
    [Fact]
    public async Task G06_A_heartbeat_changes_neither_the_row_nor_any_etag()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        await InsertAsync(a, OtherRow);
        var before = Describe(await a.ReadAllAsync(Token));

        await a.HeartbeatAsync(Row, Noon, Token);

        var table = await a.ReadAllAsync(Token); // at once on this node
        Assert.Equal(before, Describe(table));
        Assert.Equal((Noon, null), (table.Find(Row)!.Heartbeat, table.Find(OtherRow)!.Heartbeat));
        Assert.Equal(Noon, (await a.ReadRowAsync(Row, Token)).Rows[0].Heartbeat);
        await Awaiting.UntilAsync(async () => (await b.ReadAllAsync(Token)).Find(Row)!.Heartbeat == Noon); // soon on others
        Assert.Equal(before, Describe(await b.ReadAllAsync(Token)));
    }

    [Fact]
    public async Task G07_G08_Tokens_from_before_a_heartbeat_still_commit()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        foreach (var isTerminal in new[] { false, true })
        {
            var before = await b.ReadAllAsync(Token);
            await a.HeartbeatAsync(Row, Noon.AddSeconds(before.Version.Number), Token);
            await a.ReadAllAsync(Token);
            Assert.True(await b.UpdateRowAsync(Row, NewValue(), before.Rows[0].Etag, before.Version, isTerminal, Token));
        }
    }

    [Fact]
    public async Task The_latest_heartbeat_wins_wherever_it_was_told_and_outlives_writes()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        await a.HeartbeatAsync(Row, Noon, Token);
        await b.HeartbeatAsync(Row, Noon.AddMinutes(1), Token);
        await a.HeartbeatAsync(Row, Noon.AddMinutes(-1), Token);
        await b.HeartbeatAsync(Row, Noon.AddSeconds(1), Token);
        await UpdateAsync(a, Row);

        Assert.Equal(Noon.AddMinutes(1), (await b.ReadAllAsync(Token)).Rows[0].Heartbeat);
        await Awaiting.UntilAsync(async () => (await a.ReadAllAsync(Token)).Rows[0].Heartbeat == Noon.AddMinutes(1));
    }

    [Fact]
    public async Task A_heartbeat_of_a_row_that_is_not_there_does_no_harm()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        await InsertAsync(a, Row);
        var before = Describe(await a.ReadAllAsync(Token));
        await a.HeartbeatAsync(OtherRow, Noon, Token);
        Assert.Equal(before, Describe(await a.ReadAllAsync(Token)));
        Assert.Empty((await a.ReadRowAsync(OtherRow, Token)).Rows);
    }

    [Fact]
    public async Task A_heartbeat_is_kept_as_a_moment_in_UTC()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        await InsertAsync(a, Row);
        await a.HeartbeatAsync(Row, new DateTimeOffset(Noon.AddHours(2).DateTime, TimeSpan.FromHours(2)), Token);
        var heartbeat = (await a.ReadAllAsync(Token)).Rows[0].Heartbeat!.Value;
        Assert.Equal((Noon, TimeSpan.Zero), (heartbeat, heartbeat.Offset));
    }

    [Fact]
    public async Task G25_A_clean_up_removes_terminal_rows_from_strictly_before_in_one_version()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        foreach (var age in new[] { -1, 0, 1 })
        {
            await InsertAsync(a, $"dead{age}", isTerminal: true);
            await InsertAsync(a, $"live{age}");
        }

        await InsertAsync(a, "dead also", isTerminal: true);
        var before = await a.ReadAllAsync(Token);
        Assert.True(await b.CleanupDefunctAsync(Noon, SignOf, cancellationToken: Token));

        var after = await a.ReadAllAsync(Token);
        Assert.Equal(["dead0", "dead1", "live-1", "live0", "live1"], after.Rows.Select(row => row.Key));
        Assert.Equal(before.Version.Number + 1, after.Version.Number);
        Assert.NotEqual(before.Version.Etag, after.Version.Etag);
        Assert.All(after.Rows, row => Assert.Equal(before.Find(row.Key)!.Etag, row.Etag));

        Assert.False(await a.CleanupDefunctAsync(Noon, SignOf, cancellationToken: Token));
        Assert.Equal(Describe(after), Describe(await b.ReadAllAsync(Token)));
    }

    [Fact]
    public async Task G25_By_the_older_rule_a_clean_up_removes_whatever_its_caller_gives_a_time_to()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        foreach (var key in new[] { "live-1", "joining-1", "joining0", "dead-1" })
        {
            await InsertAsync(a, key, isTerminal: key == "dead-1");
        }

        Assert.True(await b.CleanupDefunctAsync(
            Noon, row => row.Key.StartsWith("live", StringComparison.Ordinal) ? null : SignOf(row), TableCleanupScope.All, Token));
        var after = await a.ReadAllAsync(Token);
        Assert.Equal(["joining0", "live-1"], after.Rows.Select(row => row.Key));
        Assert.Equal(5, after.Version.Number);
    }

    [Fact]
    public async Task G25_Without_a_rule_a_clean_up_goes_by_heartbeats()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        foreach (var key in new[] { "dead", "dead later", "dead silent" })
        {
            await InsertAsync(a, key, isTerminal: true);
        }

        await a.HeartbeatAsync("dead", Noon.AddTicks(-1), Token);
        await a.HeartbeatAsync("dead later", Noon, Token);
        Assert.True(await a.CleanupDefunctAsync(Noon, cancellationToken: Token));
        Assert.Equal(["dead later", "dead silent"], (await a.ReadAllAsync(Token)).Rows.Select(row => row.Key));
    }

    [Fact]
    public async Task G25_Concurrent_cleaners_and_writers_do_each_other_no_harm()
    {
        const int rows = 20;
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        for (var i = 0; i < rows; i++)
        {
            await InsertAsync(a, $"dead{i}-1", isTerminal: true);
            await InsertAsync(a, $"live{i}");
        }

        var before = (await a.ReadAllAsync(Token)).Version.Number;
        var cleaners = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
            await (await HandleAsync(cluster, i)).CleanupDefunctAsync(Noon, row => Noon.AddDays(-1), cancellationToken: Token)));
        var writers = Enumerable.Range(0, rows).Select(i => Task.Run(async () => await UpdateAsync(await HandleAsync(cluster, i), $"live{i}")));
        var cleaned = Task.WhenAll(cleaners);
        await Task.WhenAll([cleaned, .. writers]);

        var after = await a.ReadAllAsync(Token);
        Assert.Equal(Enumerable.Range(0, rows).Select(i => $"live{i}").Order(StringComparer.Ordinal), after.Rows.Select(row => row.Key));
        Assert.Equal(before + rows + (await cleaned).Count(did => did), after.Version.Number);
    }

    [Fact]
    public async Task G24_Clusters_do_not_see_each_other()
    {
        await using var orders = await StartAsync("orders", new TableOptions());
        await using var ordersEu = await StartAsync("orders-eu", new TableOptions());
        var (a, b) = (await HandleAsync(orders, 0), await HandleAsync(ordersEu, 0));
        await InsertAsync(a, Row);
        await a.HeartbeatAsync(Row, Noon, Token);
        Assert.Equal(0, (await b.ReadAllAsync(Token)).Version.Number);

        await InsertAsync(b, Row);
        var row = Assert.Single((await b.ReadAllAsync(Token)).Rows);
        Assert.Null(row.Heartbeat);
        Assert.Equal(1, (await a.ReadAllAsync(Token)).Version.Number);
    }

    [Fact]
    public async Task G26_G27_Deleting_all_ends_the_rows_of_one_cluster_and_no_version()
    {
        await using var orders = await StartAsync("orders", new TableOptions());
        await using var ordersEu = await StartAsync("orders-eu", new TableOptions());
        var (a, b) = (await HandleAsync(orders, 0), await HandleAsync(ordersEu, 1));
        await InsertAsync(a, Row);
        await InsertAsync(a, OtherRow);
        await InsertAsync(b, Row);
        var foreign = Describe(await b.ReadAllAsync(Token));
        var before = await a.ReadAllAsync(Token);

        await (await HandleAsync(orders, 1)).DeleteAllAsync(Token);

        var after = await a.ReadAllAsync(Token);
        Assert.Empty(after.Rows);
        Assert.Equal(3, after.Version.Number);
        Assert.Equal(foreign, Describe(await b.ReadAllAsync(Token)));
        await LosesAsync(a, () => a.InsertRowAsync("late", NewValue(), before.Version, cancellationToken: Token));
        await LosesAsync(a, () => a.UpdateRowAsync(Row, NewValue(), before.Rows[0].Etag, after.Version, cancellationToken: Token));
        await InsertAsync(a, Row);
        Assert.Equal(4, (await a.ReadAllAsync(Token)).Version.Number);
    }

    /// <summary>What the key ends with: minutes after noon; without a number, the day before.</summary>
    private static DateTimeOffset? SignOf(TableRow row) => int.TryParse(row.Key.AsSpan(row.Key.AsSpan().LastIndexOfAnyInRange('a', 'z') + 1), out var minutes)
        ? Noon.AddMinutes(minutes)
        : Noon.AddDays(-1);
}
