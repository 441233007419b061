using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Gossip.Tests.Tables;

public abstract partial class TableGuarantees
{
    [Fact]
    public async Task G03_Reads_at_one_version_show_the_same_rows()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        await InsertAsync(b, OtherRow, isTerminal: true);
        var first = Describe(await a.ReadAllAsync(Token));
        await a.HeartbeatAsync(Row, Noon, Token);
        Assert.Equal(first, Describe(await a.ReadAllAsync(Token)));
        Assert.Equal(first, Describe(await b.ReadAllAsync(Token)));
    }

    [Fact]
    public async Task G04_A_reader_may_miss_versions_and_never_goes_back()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        Assert.Equal(1, (await b.ReadAllAsync(Token)).Version.Number);
        await UpdateAsync(a, Row);
        await InsertAsync(a, OtherRow);
        Assert.Equal(3, (await b.ReadAllAsync(Token)).Version.Number);
    }

    [Fact]
    public async Task G09_What_one_handle_was_told_another_sees_at_once()
    {
        await using var cluster = await StartAsync();
        for (var i = 0; i < 20; i++)
        {
            var value = NewValue();
            var writer = await HandleAsync(cluster, i);
            await InsertAsync(writer, $"row{i}", value);
            var table = await (await HandleAsync(cluster, i + 1)).ReadAllAsync(Token);
            Assert.Equal(i + 1, table.Version.Number);
            Assert.Equal(value, table.Find($"row{i}")!.Value);
        }
    }

    [Fact]
    public async Task G15_Reading_one_row_and_reading_all_agree()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await InsertAsync(a, Row);
        await InsertAsync(b, OtherRow, isTerminal: true);
        var all = await a.ReadAllAsync(Token);
        foreach (var key in new[] { Row, OtherRow, "10.0.0.1:12345@", "10.0.0.1:12345@11", "10.0.0.1:12345@3" })
        {
            var one = await b.ReadRowAsync(key, Token);
            Assert.Equal(all.Version, one.Version);
            Assert.Equal(all.Find(key)?.Etag, one.Find(key)?.Etag);
            Assert.Equal(all.Rows.Where(row => row.Key == key).Select(row => (row.Etag, row.IsTerminal)), one.Rows.Select(row => (row.Etag, row.IsTerminal)));
        }
    }

    [Fact]
    public async Task G16_What_was_read_never_changes()
    {
        await using var cluster = await StartAsync();
        var a = await HandleAsync(cluster, 0);
        await InsertAsync(a, Row);
        var kept = await a.ReadAllAsync(Token);
        var (text, row) = (Describe(kept), kept.Rows[0]);

        await UpdateAsync(a, Row, isTerminal: true);
        await a.HeartbeatAsync(Row, Noon, Token);
        await InsertAsync(a, OtherRow);
        await a.CleanupDefunctAsync(Noon.AddDays(1), cancellationToken: Token);
        await a.ReadAllAsync(Token);

        Assert.Equal(text, Describe(kept));
        Assert.Null(row.Heartbeat);
    }

    [Fact]
    public async Task G17_G18_What_a_caller_does_to_its_bytes_later_does_not_reach_the_table()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        var value = NewValue();
        var copy = value.ToArray();
        var insert = a.InsertRowAsync(Row, value, (await b.ReadAllAsync(Token)).Version, cancellationToken: Token);
        Array.Clear(value);
        Assert.True(await insert);
        var table = await b.ReadAllAsync(Token);
        Assert.Equal(copy, table.Rows[0].Value);

        value = copy.ToArray();
        var update = a.UpdateRowAsync(Row, value, table.Rows[0].Etag, table.Version, cancellationToken: Token);
        Array.Clear(value);
        Assert.True(await update);
        Assert.Equal(copy, (await b.ReadAllAsync(Token)).Rows[0].Value);
        Assert.Equal(copy, (await a.ReadAllAsync(Token)).Rows[0].Value);
    }

    [Fact]
    public async Task G19_What_a_reader_does_to_what_it_read_does_not_reach_the_table()
    {
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        var value = NewValue();
        await InsertAsync(a, Row, value);
        Assert.True(MemoryMarshal.TryGetArray((await a.ReadAllAsync(Token)).Rows[0].Value, out var bytes)); // which only a vandal does
        Array.Clear(bytes.Array!);

        Assert.Equal(value, (await b.ReadAllAsync(Token)).Rows[0].Value);
        await UpdateAsync(b, Row, value);
        Assert.Equal(value, (await a.ReadAllAsync(Token)).Rows[0].Value);
    }

    /// <summary>Each row counts its own commits, so a view that is not torn adds up to its version.</summary>
    [Fact]
    public async Task G21_G22_Readers_see_only_whole_commits()
    {
        const int rows = 128;
        const int commits = 100;
        await using var cluster = await StartAsync();
        var writer = await HandleAsync(cluster, 0);
        for (var i = 0; i < rows; i++)
        {
            await InsertAsync(writer, $"row{i}", Count(1));
        }

        using var written = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var readers = Enumerable.Range(0, 4).Select(i => Task.Run(() => ReadAsync(i))).ToArray();
        for (var i = 0; i < commits; i++)
        {
            var key = $"row{i * 31 % rows}";
            var row = (await writer.ReadRowAsync(key, Token)).Rows[0];
            await UpdateAsync(writer, key, Count(Counted(row) + 1));
        }

        await written.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));

        async Task<int> ReadAsync(int index)
        {
            var client = await HandleAsync(cluster, index);
            var (reads, last, lastOfRow) = (0, 0, 0);
            do
            {
                var table = index % 2 == 0 ? await client.ReadAllAsync(Token) : await client.ReadRowAsync("row31", Token);
                Assert.True(table.Version.Number >= last);
                last = table.Version.Number;
                if (index % 2 == 0)
                {
                    Assert.Equal(rows, table.Rows.Length);
                    Assert.Equal(table.Version.Number, table.Rows.Sum(Counted));
                }

                var ofRow = Counted(table.Find("row31")!);
                Assert.InRange(ofRow, lastOfRow, last);
                lastOfRow = ofRow;
                reads++;
                await Task.Yield();
            }
            while (!written.IsCancellationRequested);

            return reads;
        }

        static byte[] Count(int count) => Encoding.UTF8.GetBytes($"{count}");
        static int Counted(TableRow row) => int.Parse(row.Value.Span, null);
    }

    [Fact]
    public async Task G23_Another_handle_on_the_same_node_finds_what_is_there()
    {
        await using var cluster = await StartAsync();
        await InsertAsync(await HandleAsync(cluster, 0), Row);
        var before = Describe(await (await HandleAsync(cluster, 0)).ReadAllAsync(Token));
        for (var i = 0; i < 2 * cluster.Handles; i++)
        {
            Assert.Equal(before, Describe(await (await HandleAsync(cluster, i)).ReadAllAsync(Token)));
        }
    }

    [Fact]
    public async Task A_watcher_gets_rising_versions_up_to_the_latest()
    {
        const int commits = 10;
        await using var cluster = await StartAsync();
        var (a, b) = await TwoHandlesAsync(cluster);
        await a.ReadAllAsync(Token);
        var watching = WatchAsync();
        for (var i = 0; i < commits; i++)
        {
            await InsertAsync(b, $"row{i}");
        }

        await a.ReadAllAsync(Token); // where gossip does not tell, reading does
        var seen = await watching.WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.Equal(seen.Distinct().Order(), seen);
        Assert.Equal(commits, seen[^1]);

        async Task<List<int>> WatchAsync()
        {
            List<int> versions = [];
            await foreach (var version in a.WatchAsync(Token))
            {
                versions.Add(version);
                if (version == commits)
                {
                    break;
                }
            }

            return versions;
        }
    }
}
