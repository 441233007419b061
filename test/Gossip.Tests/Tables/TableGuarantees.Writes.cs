using System.Text;
using Xunit;

namespace Gossip.Tests.Tables;

public abstract partial class TableGuarantees
{
    [Fact]
    public async Task An_empty_table_is_at_version_0_with_an_etag()
    {
        await using var cluster = await StartAsync();
        var table = await (await HandleAsync(cluster, 0)).ReadAllAsync(Token);

        Assert.Empty(table.Rows);
        Assert.Equal(0, table.Version.Number);
        Assert.NotNull(table.Version.Etag);
    }

    [Fact]
    public async Task G01_An_insert_commits_exactly_one_version()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        var empty = await a.ReadAllAsync(Token);
        var value = NewValue();

        Assert.True(await a.InsertRowAsync(Row, value, empty.Version, cancellationToken: Token));

        var table = await a.ReadAllAsync(Token);
        Assert.Equal(1, table.Version.Number);
        Assert.NotEqual(empty.Version.Etag, table.Version.Etag);
        var row = Assert.Single(table.Rows);
        Assert.Equal((Row, false, null), (row.Key, row.IsTerminal, row.Heartbeat));
        Assert.NotNull(row.Etag);
        Assert.Equal(value, row.Value);
    }

    [Fact]
    public async Task G02_An_update_with_current_tokens_commits_exactly_one_version()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        await InsertAsync(a, Row);
        foreach (var value in new[] { NewValue(), [], NewValue() })
        {
            var before = await a.ReadAllAsync(Token);
            Assert.True(await a.UpdateRowAsync(Row, value, before.Rows[0].Etag, before.Version, cancellationToken: Token));

            var after = await a.ReadAllAsync(Token);
            Assert.Equal(before.Version.Number + 1, after.Version.Number);
            Assert.NotEqual(before.Version.Etag, after.Version.Etag);
            Assert.NotEqual(before.Rows[0].Etag, after.Rows[0].Etag);
            Assert.Equal(value, after.Rows[0].Value);
        }
    }

    [Fact]
    public async Task G05_A_terminal_row_stays_terminal_and_its_successor_is_another_row()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        var alive = await b.ReadAllAsync(Token);
        await UpdateAsync(a, Row, isTerminal: true);
        var dead = await a.ReadAllAsync(Token);

        var error = await Assert.ThrowsAsync<TableRowTerminalException>(
            () => b.UpdateRowAsync(Row, NewValue(), dead.Rows[0].Etag, dead.Version, cancellationToken: Token));
        Assert.Equal(Row, error.Key);
        Assert.Equal(Describe(dead), Describe(await b.ReadAllAsync(Token)));

        Assert.True(await a.CleanupDefunctAsync(Noon, _ => Noon.AddDays(-1), cancellationToken: Token));
        await LosesAsync(b, () => b.UpdateRowAsync(Row, NewValue(), dead.Rows[0].Etag, dead.Version, cancellationToken: Token));
        await LosesAsync(b, () => b.InsertRowAsync(Row, NewValue(), dead.Version, cancellationToken: Token));
        await LosesAsync(b, () => b.InsertRowAsync(Row, NewValue(), alive.Version, cancellationToken: Token));
        await InsertAsync(b, OtherRow);
        Assert.Equal(OtherRow, Assert.Single((await a.ReadAllAsync(Token)).Rows).Key);
    }

    [Fact]
    public async Task A_terminal_row_can_be_updated_while_it_stays_terminal()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        await InsertAsync(a, Row, isTerminal: true);
        await UpdateAsync(a, Row, isTerminal: true);
        Assert.Equal(2, (await a.ReadAllAsync(Token)).Version.Number);
    }

    [Fact]
    public async Task G10_An_insert_at_a_stale_version_loses()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        var stale = (await b.ReadAllAsync(Token)).Version;
        await InsertAsync(a, Row);
        await LosesAsync(b, () => b.InsertRowAsync(OtherRow, NewValue(), stale, cancellationToken: Token));
        await LosesAsync(b, () => b.InsertRowAsync(OtherRow, NewValue(), new TableVersion(1, stale.Etag), cancellationToken: Token));
    }

    [Fact]
    public async Task G11_An_update_at_a_stale_version_loses_although_its_row_is_current()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        var stale = await b.ReadAllAsync(Token);
        await InsertAsync(a, OtherRow);
        await LosesAsync(b, () => b.UpdateRowAsync(Row, NewValue(), stale.Rows[0].Etag, stale.Version, cancellationToken: Token));
    }

    [Fact]
    public async Task G12_An_update_of_a_row_that_changed_loses()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        var stale = await b.ReadAllAsync(Token);
        await UpdateAsync(a, Row);
        var current = await b.ReadAllAsync(Token);
        await LosesAsync(b, () => b.UpdateRowAsync(Row, NewValue(), stale.Rows[0].Etag, stale.Version, cancellationToken: Token));
        await LosesAsync(b, () => b.UpdateRowAsync(Row, NewValue(), stale.Rows[0].Etag, current.Version, cancellationToken: Token));
    }

    [Fact]
    public async Task G13_An_insert_of_a_row_that_is_there_loses()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        var current = await b.ReadAllAsync(Token);
        await LosesAsync(b, () => b.InsertRowAsync(Row, NewValue(), current.Version, cancellationToken: Token));
    }

    [Fact]
    public async Task G14_An_update_of_a_row_that_is_not_there_loses()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row, isTerminal: true);
        var table = await b.ReadAllAsync(Token);
        await LosesAsync(b, () => b.UpdateRowAsync(OtherRow, NewValue(), table.Rows[0].Etag, table.Version, cancellationToken: Token));

        Assert.True(await a.CleanupDefunctAsync(Noon, _ => Noon.AddDays(-1), cancellationToken: Token));
        var version = (await b.ReadAllAsync(Token)).Version;
        await LosesAsync(b, () => b.UpdateRowAsync(Row, NewValue(), table.Rows[0].Etag, version, isTerminal: true, Token));
    }

    [Fact]
    public async Task Etags_that_no_table_made_lose()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        await InsertAsync(a, Row);
        var table = await a.ReadAllAsync(Token);
        foreach (var etag in new[] { "", "?", "W/\"1\"", "-1", "01", "+1", " 1", "99999999999999999999" })
        {
            await LosesAsync(a, () => a.UpdateRowAsync(Row, NewValue(), etag, table.Version, cancellationToken: Token));
            await LosesAsync(a, () => a.InsertRowAsync(OtherRow, NewValue(), new TableVersion(1, etag), cancellationToken: Token));
        }

        Assert.True(await a.InsertRowAsync(OtherRow, NewValue(), new TableVersion(1, table.Version.Etag), cancellationToken: Token));
    }

    [Fact]
    public async Task G20_Of_concurrent_updates_of_different_rows_at_one_version_one_wins()
    {
        const int rows = 10;
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        for (var i = 0; i < rows; i++)
        {
            await InsertAsync(a, $"row{i}");
        }

        var before = await a.ReadAllAsync(Token);
        var results = await Task.WhenAll(before.Rows.Select((row, i) => Task.Run(async () =>
        {
            var client = await HandleAsync(cluster, i);
            return await client.UpdateRowAsync(row.Key, NewValue(), row.Etag, before.Version, cancellationToken: Token);
        })));

        Assert.Equal(1, results.Count(won => won));
        var after = await a.ReadAllAsync(Token);
        Assert.Equal(before.Version.Number + 1, after.Version.Number);
        Assert.Equal(1, before.Rows.Zip(after.Rows).Count(pair => pair.First.Etag != pair.Second.Etag));
    }

    [Fact]
    public async Task Nine_rounds_of_inserts_and_updates_with_old_and_current_tokens()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        for (var i = 1; i < 10; i++)
        {
            var old = (await a.ReadAllAsync(Token)).Version;
            await InsertAsync(a, $"row{i}");
            var inserted = await b.ReadAllAsync(Token);
            var row = inserted.Find($"row{i}")!;
            await LosesAsync(b, () => b.UpdateRowAsync(row.Key, NewValue(), row.Etag, old, cancellationToken: Token));
            Assert.True(await b.UpdateRowAsync(row.Key, NewValue(), row.Etag, inserted.Version, cancellationToken: Token));
            await LosesAsync(a, () => a.UpdateRowAsync(row.Key, NewValue(), row.Etag, inserted.Version, cancellationToken: Token));
            var current = (await a.ReadRowAsync(row.Key, Token)).Rows[0].Etag;
            await LosesAsync(a, () => a.UpdateRowAsync(row.Key, NewValue(), current, inserted.Version, cancellationToken: Token));

            var table = await b.ReadAllAsync(Token);
            Assert.Equal((i, 2 * i), (table.Rows.Length, table.Version.Number));
        }
    }

    [Fact]
    public async Task Twenty_writers_of_one_row_each_commit_once()
    {
        const int writers = 20;
        await using var cluster = await StartAsync();
        var empty = (await (await HandleAsync(cluster, 0)).ReadAllAsync(Token)).Version;
        var inserts = await Task.WhenAll(Enumerable.Range(0, writers).Select(i => Task.Run(async () =>
            await (await HandleAsync(cluster, i)).InsertRowAsync(Row, NewValue(), empty, cancellationToken: Token))));
        Assert.Equal(1, inserts.Count(won => won));

        await Task.WhenAll(Enumerable.Range(0, writers - 1).Select(i => Task.Run(async () => await UpdateAsync(await HandleAsync(cluster, i), Row))));
        var table = await (await HandleAsync(cluster, 1)).ReadAllAsync(Token);
        Assert.Equal(writers, table.Version.Number);
        Assert.Single(table.Rows);
    }

    [Fact]
    public async Task Who_waits_for_a_turn_gets_it_when_the_one_before_ends()
    {
        await using var cluster = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Task.Run(async () =>
        {
            var client = await HandleAsync(cluster, i);
            await using var turn = await client.TakeTurnAsync(Token);
            await InsertAsync(client, $"row{i}");
        })));
        Assert.Equal(5, (await (await HandleAsync(cluster, 0)).ReadAllAsync(Token)).Rows.Length);
    }

    /// <summary>A long history of random calls through all handles, beside a dictionary that does the same.</summary>
    [Fact]
    public async Task A_history_of_random_calls_is_that_of_a_dictionary()
    {
        const int steps = 200;
        const int seed = 20260301;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        await using var cluster = await StartAsync();
        SortedDictionary<string, (string Value, bool IsTerminal)> model = new(StringComparer.Ordinal);
        var version = 0;
        for (var i = 0; i < steps; i++)
        {
            var client = await HandleAsync(cluster, random.Next(cluster.Handles));
            var table = await client.ReadAllAsync(Token);
            Assert.Equal(version, table.Version.Number);
            Assert.Equal(model.Select(row => (row.Key, row.Value.Value, row.Value.IsTerminal)), table.Rows.Select(row => (row.Key, Encoding.UTF8.GetString(row.Value.Span), row.IsTerminal)));
            var key = $"row{random.Next(8)}";
            var (value, isTerminal) = (NewValue(), random.Next(4) == 0);
            var isThere = model.TryGetValue(key, out var old);
            var isStale = random.Next(4) == 0;
            var at = isStale ? new TableVersion(table.Version.Number, TableVersionEtagOfNobody) : table.Version;
            switch (random.Next(10))
            {
                case < 4:
                    Assert.Equal(!isStale && !isThere, await client.InsertRowAsync(key, value, at, isTerminal, Token));
                    Put(!isStale && !isThere);
                    break;
                case < 8 when isThere && !isStale && old.IsTerminal && !isTerminal:
                    await Assert.ThrowsAsync<TableRowTerminalException>(() => client.UpdateRowAsync(key, value, table.Find(key)!.Etag, at, isTerminal, Token));
                    break;
                case < 8:
                    Assert.Equal(!isStale && isThere, await client.UpdateRowAsync(key, value, table.Find(key)?.Etag ?? "1", at, isTerminal, Token));
                    Put(!isStale && isThere);
                    break;
                case 8:
                    var defunct = model.Where(row => row.Value.IsTerminal).Select(row => row.Key).ToArray();
                    Assert.Equal(defunct.Length > 0, await client.CleanupDefunctAsync(Noon, _ => DateTimeOffset.MinValue, cancellationToken: Token));
                    version += defunct.Length > 0 ? 1 : 0;
                    Array.ForEach(defunct, row => model.Remove(row));
                    break;
                default:
                    await client.HeartbeatAsync(key, Noon.AddSeconds(i), Token);
                    break;
            }

            void Put(bool happens)
            {
                if (happens)
                {
                    model[key] = (Encoding.UTF8.GetString(value), isTerminal);
                    version++;
                }
            }
        }
    }

    private const string TableVersionEtagOfNobody = "0x7";
}
