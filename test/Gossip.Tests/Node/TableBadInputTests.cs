using System.Globalization;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>What can be wrong with a table's directory, disk, or the time of a call: each is a typed error, and nothing is lost.</summary>
public sealed class TableBadInputTests : IDisposable
{
    private const int RowBytes = 64 * 1024;
    private const int Rows = 10_000;
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromMilliseconds(300);
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "gossip-bad-" + Guid.NewGuid().ToString("N"));
    private readonly string _name = "bad-" + Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("checkpoint")]
    public async Task A_damaged_directory_is_refused_at_the_start_and_when_it_is_mended_nothing_is_lost(string file)
    {
        await WriteAsync("row");
        var path = Path.Combine(_directory, file);
        var sound = await File.ReadAllBytesAsync(path, Token);
        var damaged = (byte[])sound.Clone();
        damaged[^1] ^= 1;
        await File.WriteAllBytesAsync(path, damaged, Token);

        var error = await Assert.ThrowsAsync<TableStoreException>(() => StartAsync());
        Assert.Equal(TableStoreFailure.Damaged, error.Failure);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(path, sound, Token);
        await using var node = await StartAsync();
        Assert.NotNull((await node.Table.ReadRowAsync("row", Token)).Find("row"));
    }

    [Fact]
    public async Task A_directory_that_lost_its_checkpoint_is_refused()
    {
        await WriteAsync("row");
        File.Delete(Path.Combine(_directory, "checkpoint"));
        Assert.Equal(TableStoreFailure.Damaged, (await Assert.ThrowsAsync<TableStoreException>(() => StartAsync())).Failure);
    }

    [Fact]
    public async Task The_directory_of_another_node_is_refused()
    {
        await WriteAsync("row");
        var error = await Assert.ThrowsAsync<TableStoreException>(() => StartAsync(options => options.NodeId = NodeId.Derive(_name, "other").ToString()));
        Assert.Equal(TableStoreFailure.OfAnotherNode, error.Failure);
    }

    [Fact]
    public async Task A_directory_in_use_is_refused_and_free_again_after_a_stop()
    {
        await using (await StartAsync())
        {
            Assert.Equal(TableStoreFailure.InUse, (await Assert.ThrowsAsync<TableStoreException>(() => StartAsync())).Failure);
        }

        await using var node = await StartAsync();
        await node.Table.ReadAllAsync(Token);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_refused()
    {
        Skipping.Unless(Directory.Exists("/proc/self"), "This system has no /proc, a file system that nobody can write.");
        var error = await Assert.ThrowsAsync<TableStoreException>(() => StartAsync(options => options.Table!.DataDirectory = "/proc/self/gossip"));
        Assert.Equal(TableStoreFailure.Unwritable, error.Failure);
        Assert.Contains("/proc/self/gossip", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_became_read_only_is_refused_and_when_it_is_writable_again_nothing_is_lost()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Skipping.Because("This process is privileged, as root is, or runs on Windows, so no permission keeps it from writing. Run the tests as another user to try this.");
            return;
        }

        await WriteAsync("row");
        var mode = File.GetUnixFileMode(_directory);
        File.SetUnixFileMode(_directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal(TableStoreFailure.Unwritable, (await Assert.ThrowsAsync<TableStoreException>(() => StartAsync())).Failure);
        }
        finally
        {
            File.SetUnixFileMode(_directory, mode);
        }

        await using var node = await StartAsync();
        Assert.NotNull((await node.Table.ReadRowAsync("row", Token)).Find("row"));
    }

    [Fact]
    public async Task A_directory_that_was_copied_is_refused_once_a_member_that_saw_the_other_one_says_so_and_the_other_one_has_all_rows()
    {
        await WriteAsync("before");
        var copy = Path.Combine(_directory, "copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(_directory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        await using var witness = await StartAsync(options =>
        {
            options.NodeId = NodeId.Derive(_name, "witness").ToString();
            options.Table = new TableOptions { Votes = false };
        });
        await using (var node = await StartAsync(Join))
        {
            await InsertAsync(node, "after", new byte[1]);
            await witness.Table.ReadAllAsync(Token);
        }

        await using (var node = await StartAsync(options =>
        {
            Join(options);
            options.Table!.DataDirectory = copy;
        }))
        {
            await Awaiting.UntilAsync(async () => (await node.GetTableStatusAsync(Token)).Acceptors is [{ State: TableAcceptorState.Lost }]);
            Assert.Contains("store failed", (await Assert.ThrowsAsync<TableUnavailableException>(() => node.Table.ReadAllAsync(Token))).Message, StringComparison.Ordinal);
        }

        var error = await Assert.ThrowsAsync<TableStoreException>(() => StartAsync(options => options.Table!.DataDirectory = copy));
        Assert.Equal(TableStoreFailure.Superseded, error.Failure);

        await using var again = await StartAsync(); // by itself: the witness saw the copy last, and takes the two for twins
        var table = await again.Table.ReadAllAsync(Token);
        Assert.NotNull(table.Find("before"));
        Assert.NotNull(table.Find("after"));

        void Join(GossipOptions options)
        {
            options.Seeds.Add(LocalCluster.Address(witness));
            options.Table!.Founding = TableFounding.Single;
        }
    }

    [Fact]
    public async Task A_start_that_failed_leaves_its_directory_free()
    {
        await Assert.ThrowsAsync<SeedUnresolvableException>(() => StartAsync(options =>
        {
            options.Seeds.Add("no-such-host.invalid:1");
            options.SeedsMustResolve = true;
            options.Table!.Founding = TableFounding.Single;
        }));
        await using var node = await StartAsync();
        await node.Table.ReadAllAsync(Token);
    }

    [Fact]
    public async Task When_the_disk_is_full_calls_say_so_and_what_was_answered_is_there_after_a_restart()
    {
        Skipping.Unless(File.Exists("/dev/full"), "This system has no /dev/full, a disk that is always full.");
        List<string> answered = [];
        var link = Path.Combine(_directory, "checkpoint.tmp");
        await using (var node = await StartAsync())
        {
            File.CreateSymbolicLink(link, "/dev/full"); // so the log cannot be replaced when it has grown
            TableUnavailableException? error = null;
            for (var i = 0; error is null; i++)
            {
                Assert.True(i < 64);
                try
                {
                    await InsertAsync(node, $"row-{i}", new byte[RowBytes]);
                    answered.Add($"row-{i}");
                }
                catch (TableUnavailableException e)
                {
                    error = e;
                }
            }

            Assert.Contains("store failed", error.Message, StringComparison.Ordinal);
            var status = await node.GetTableStatusAsync(Token);
            Assert.Equal(TableAcceptorState.Lost, Assert.Single(status.Acceptors).State);
        }

        File.Delete(link);
        await using var again = await StartAsync();
        var table = await again.Table.ReadAllAsync(Token);
        Assert.NotEmpty(answered);
        Assert.All(answered, key => Assert.NotNull(table.Find(key)));
    }

    [Fact]
    public async Task Before_the_founding_calls_wait_as_long_as_they_may_and_say_for_whom()
    {
        await using var node = await StartAsync(options =>
        {
            options.Seeds.Add("127.0.0.1:9");
            options.Table = new TableOptions { OperationTimeout = ShortTimeout };
        });
        var errors = new[]
        {
            await Assert.ThrowsAsync<TableUnavailableException>(() => node.Table.ReadAllAsync(Token)),
            await Assert.ThrowsAsync<TableUnavailableException>(() => node.Table.InsertRowAsync("row", new byte[1], default, cancellationToken: Token)),
            await Assert.ThrowsAsync<TableUnavailableException>(() => node.Table.DeleteAllAsync(Token)),
        };
        Assert.All(errors, error =>
        {
            Assert.False(error.MayHaveHappened);
            Assert.Contains("127.0.0.1:9", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Calls_after_the_stop_say_so()
    {
        var node = await StartAsync();
        var table = node.Table;
        var version = (await table.ReadAllAsync(Token)).Version;
        await node.DisposeAsync();
        Func<Task>[] calls =
        [
            () => table.ReadAllAsync(Token),
            () => table.ReadRowAsync("row", Token),
            () => table.InsertRowAsync("row", new byte[1], version, cancellationToken: Token),
            () => table.UpdateRowAsync("row", new byte[1], "1", version, cancellationToken: Token),
            () => table.HeartbeatAsync("row", DateTimeOffset.UnixEpoch, Token),
            () => table.CleanupDefunctAsync(DateTimeOffset.UnixEpoch, null, default, Token),
            () => table.DeleteAllAsync(Token),
            () => table.TakeTurnAsync(Token),
            () => node.GetTableStatusAsync(Token),
        ];
        foreach (var call in calls)
        {
            await Assert.ThrowsAsync<GossipStateException>(() => call().InTime());
        }
    }

    [Fact]
    public async Task A_call_that_the_stop_meets_ends_with_it()
    {
        var node = await StartAsync(options => options.Table = new TableOptions { Founding = TableFounding.Never, OperationTimeout = TimeSpan.FromMinutes(2) });
        var read = node.Table.ReadAllAsync(Token);
        var write = node.Table.InsertRowAsync("row", new byte[1], default, cancellationToken: Token);
        var behind = node.Table.InsertRowAsync("other", new byte[1], default, cancellationToken: Token);
        var turn = node.Table.TakeTurnAsync(Token);
        await node.DisposeAsync().AsTask().InTime();
        await Assert.ThrowsAsync<GossipStateException>(() => read.InTime());
        await Assert.ThrowsAsync<GossipStateException>(() => write.InTime());
        await Assert.ThrowsAsync<GossipStateException>(() => behind.InTime());
        await turn.InTime(); // nobody to ask: it goes on without one
    }

    [Fact]
    public async Task A_change_under_way_when_the_node_stops_says_that_its_outcome_is_not_known()
    {
        await using var cluster = new LocalCluster();
        var keeper = await cluster.AddAsync(options => options.Table = new TableOptions());
        var node = await cluster.AddAsync(options => options.Table = new TableOptions { Votes = false, OperationTimeout = TimeSpan.FromMinutes(1) });
        await cluster.FormedAsync();
        var version = (await node.Table.ReadAllAsync(Token)).Version;
        await cluster.KillAsync(keeper);
        var write = node.Table.InsertRowAsync("row", new byte[1], version, cancellationToken: Token);
        var read = node.Table.ReadAllAsync(Token);
        await node.StopAsync(Token).InTime();
        Assert.True((await Assert.ThrowsAsync<TableUnavailableException>(() => write.InTime())).MayHaveHappened);
        await Assert.ThrowsAsync<GossipStateException>(() => read.InTime());
    }

    [Fact]
    public async Task A_stop_without_time_says_goodbye_all_the_same()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync(options => options.Table = new TableOptions());
        var second = await cluster.AddAsync(options => options.Table = new TableOptions { Founding = TableFounding.Never });
        await cluster.FormedAsync();
        await first.StopAsync(new CancellationToken(canceled: true));
        await Awaiting.UntilAsync(() => LocalCluster.Sees(second, first).State is MemberState.Left or MemberState.Dead);
        Assert.Equal(MemberState.Left, LocalCluster.Sees(second, first).State);
    }

    [Fact]
    public async Task Ten_thousand_rows_outlive_a_restart()
    {
        await using (var node = await StartAsync())
        {
            var version = (await node.Table.ReadAllAsync(Token)).Version;
            for (var i = 0; i < Rows; i++)
            {
                Assert.True(await node.Table.InsertRowAsync(Key(i), new byte[100], version, cancellationToken: Token));
                version = new TableVersion(version.Number + 1, version.Stamp + 1); // as each commit makes it
            }
        }

        await using var again = await StartAsync();
        var table = await again.Table.ReadAllAsync(Token);
        Assert.Equal((Rows, Rows), (table.Rows.Length, table.Version.Number));

        static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"S10.0.0.{i}:11111@123456789");
    }

    private static async Task InsertAsync(GossipNode node, string key, byte[] value) =>
        Assert.True(await node.Table.InsertRowAsync(key, value, (await node.Table.ReadAllAsync(Token)).Version, cancellationToken: Token));

    private async Task WriteAsync(string key)
    {
        await using var node = await StartAsync();
        await InsertAsync(node, key, new byte[1]);
    }

    private Task<GossipNode> StartAsync(Action<GossipOptions>? configure = null)
    {
        var options = new GossipOptions
        {
            ClusterName = _name,
            NodeId = NodeId.Derive(_name, "one").ToString(),
            BindAddress = LocalCluster.AnyPort,
            Profile = GossipProfile.Local,
            Table = new TableOptions { DataDirectory = _directory, OperationTimeout = TimeSpan.FromSeconds(2) },
        };
        configure?.Invoke(options);
        return GossipNode.StartAsync(options, cancellationToken: Token);
    }
}
