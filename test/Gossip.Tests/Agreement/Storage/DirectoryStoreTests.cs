using Gossip.Agreement;
using Gossip.Tables;
using Xunit;

namespace Gossip.Tests.Agreement.Storage;

public sealed class DirectoryStoreTests : IDisposable
{
    private const long SmallLog = 600;

    private static readonly ValueFormat Values = new(TableFormat.Instance);
    private static readonly NodeId Node = NodeId.Derive("test", "one");
    private static readonly NodeId OtherNode = NodeId.Derive("test", "two");
    private static readonly Guid StoreId = new("11111111-2222-3333-4444-555555555555");

    private readonly string _path = Path.Combine(Path.GetTempPath(), "gossip-store-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_path))
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    [Fact]
    public async Task What_was_appended_is_there_after_a_restart_and_the_boots_are_counted()
    {
        var written = await WriteAsync(5);
        await using var store = Open();
        Assert.Equal(3, store.Boots);
        Assert.Equal(StoreId, store.Id);
        Assert.Equal(written.PromisedBallot, Restore(store).PromisedBallot);
    }

    [Fact]
    public async Task A_log_that_grew_is_replaced_by_a_checkpoint_and_nothing_is_lost()
    {
        var written = await WriteAsync(50);
        Assert.Single(Directory.GetFiles(_path, "log-*"));
        Assert.True(LogNumber() > 1);
        await using var store = Open();
        Assert.True(store.Recovered.Count < 50);
        AssertSame(written, Restore(store));
    }

    [Fact]
    public async Task A_write_that_a_crash_tore_is_cut_off_wherever_it_was_torn()
    {
        var before = await WriteAsync(3);
        var log = Log();
        var whole = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        await AppendAsync(before, 1);
        var longer = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        Assert.True(longer.Length > whole.Length);
        for (var length = whole.Length; length < longer.Length; length++)
        {
            await File.WriteAllBytesAsync(log, longer[..length], TestContext.Current.CancellationToken);
            await using var store = Open();
            Assert.Equal(3UL, Restore(store).PromisedBallot.Round);
            Assert.Equal(whole.Length, new FileInfo(log).Length);
        }
    }

    [Fact]
    public async Task Bytes_that_were_not_flushed_count_as_torn_when_nothing_sound_follows()
    {
        await WriteAsync(3);
        var log = Log();
        var bytes = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(log, bytes, TestContext.Current.CancellationToken);
        await using var store = Open();
        Assert.Equal(2UL, Restore(store).PromisedBallot.Round);
    }

    [Fact]
    public async Task Damage_before_sound_records_is_refused_wherever_it_is()
    {
        await WriteAsync(3);
        var log = Log();
        var bytes = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        var first = bytes.Length / 3;
        for (var at = 0; at < first; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x40;
            await File.WriteAllBytesAsync(log, damaged, TestContext.Current.CancellationToken);
            var refused = Assert.Throws<TableStoreException>(() => Open());
            Assert.Equal(TableStoreFailure.Damaged, refused.Failure);
            Assert.Contains(_path, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("checkpoint")]
    public async Task A_damaged_file_is_refused(string name)
    {
        await WriteAsync(3);
        var file = Path.Combine(_path, name);
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(TableStoreFailure.Damaged, Assert.Throws<TableStoreException>(() => Open()).Failure);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("log-0")]
    [InlineData("checkpoint")]
    public async Task A_missing_file_is_refused(string name)
    {
        await WriteAsync(3);
        File.Delete(Path.Combine(_path, name));
        Assert.Equal(TableStoreFailure.Damaged, Assert.Throws<TableStoreException>(() => Open()).Failure);
    }

    [Fact]
    public async Task What_a_crash_leaves_of_a_checkpoint_under_way_is_ignored()
    {
        var written = await WriteAsync(3);
        await File.WriteAllBytesAsync(Path.Combine(_path, "checkpoint.tmp"), [1, 2, 3], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(_path, "log-1"), [], TestContext.Current.CancellationToken);
        await using var store = Open();
        AssertSame(written, Restore(store));
    }

    [Fact]
    public async Task A_second_process_is_kept_out()
    {
        await WriteAsync(1);
        await using var store = Open();
        Assert.Equal(TableStoreFailure.InUse, Assert.Throws<TableStoreException>(() => Open()).Failure);
    }

    [Fact]
    public async Task The_directory_of_another_node_is_refused()
    {
        await WriteAsync(1);
        var refused = Assert.Throws<TableStoreException>(() => DirectoryStore.Open(_path, OtherNode, StoreId, Values));
        Assert.Equal(TableStoreFailure.OfAnotherNode, refused.Failure);
    }

    [Fact]
    public void A_path_that_is_no_directory_is_refused_with_its_name()
    {
        File.WriteAllText(_path, "a file");
        try
        {
            var refused = Assert.Throws<TableStoreException>(() => Open());
            Assert.Equal(TableStoreFailure.Unwritable, refused.Failure);
            Assert.Contains(_path, refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(_path);
        }
    }

    [Fact]
    public async Task A_store_that_failed_once_takes_nothing_more()
    {
        await using var store = DirectoryStore.Open(_path, Node, StoreId, Values, checkpointBytes: 1);
        Directory.Delete(_path, recursive: true); // so that the checkpoint cannot be written
        var acceptor = new Acceptor(new AcceptorId(Node, StoreId));
        var record = new PromiseRecord(Ballot(1));
        await Assert.ThrowsAsync<TableStoreException>(() => store.AppendAsync([record], acceptor.Checkpoint, TestContext.Current.CancellationToken).AsTask());
        Directory.CreateDirectory(_path);
        await Assert.ThrowsAsync<TableStoreException>(() => store.AppendAsync([record], acceptor.Checkpoint, TestContext.Current.CancellationToken).AsTask());
    }

    /// <summary>After a flush that failed the system may show what the disk never got. So whatever is read at a start is written anew before anything is built on it.</summary>
    [Fact]
    public async Task What_was_read_at_a_start_is_in_a_new_file()
    {
        await WriteAsync(3);
        await using var before = new FileStream(Log(), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = before.Length;
        await AppendAsync(new Acceptor(new AcceptorId(Node, StoreId)), 1);
        Assert.Equal(length, before.Length);
        Assert.True(new FileInfo(Log()).Length > length);
    }

    [Fact]
    public async Task A_store_of_which_another_copy_was_in_use_is_never_opened_again()
    {
        await WriteAsync(1);
        await using (var store = Open())
        {
            store.Supersede();
        }

        Assert.Equal(TableStoreFailure.Superseded, Assert.Throws<TableStoreException>(() => Open()).Failure);
    }

    /// <summary>The device that is always full stands for the file that cannot be written.</summary>
    [Theory]
    [InlineData("identity.tmp")]
    [InlineData("checkpoint.tmp")]
    public void A_full_disk_is_told_at_the_start(string file)
    {
        Skipping.Unless(File.Exists("/dev/full"), "This system has no /dev/full, a disk that is always full.");
        Directory.CreateDirectory(_path);
        File.CreateSymbolicLink(Path.Combine(_path, file), "/dev/full");
        Assert.Equal(TableStoreFailure.Unwritable, Assert.Throws<TableStoreException>(() => Open()).Failure);
    }

    [Fact]
    public async Task A_full_disk_retires_the_store_and_loses_nothing_that_was_safe()
    {
        Skipping.Unless(File.Exists("/dev/full"), "This system has no /dev/full, a disk that is always full.");
        await WriteAsync(3);
        var store = DirectoryStore.Open(_path, Node, StoreId, Values, checkpointBytes: 1);
        var acceptor = Restore(store);
        var link = Path.Combine(_path, "checkpoint.tmp");
        File.CreateSymbolicLink(link, "/dev/full");
        var record = new PromiseRecord(Ballot(4));
        acceptor.Apply(record);
        var failed = await Assert.ThrowsAsync<TableStoreException>(() => store.AppendAsync([record], acceptor.Checkpoint, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(TableStoreFailure.Unwritable, failed.Failure);
        await store.DisposeAsync();
        File.Delete(link);
        await using var again = Open();
        Assert.Equal(4UL, Restore(again).PromisedBallot.Round); // nobody was told, and it may be there all the same
    }

    private static Ballot Ballot(int round) => new((ulong)round, new NodeInstance(Node, 1));

    private static void AssertSame(Acceptor expected, Acceptor actual)
    {
        Assert.Equal(expected.PromisedBallot, actual.PromisedBallot);
        Assert.Equal(expected.AcceptedBallot, actual.AcceptedBallot);
        Assert.Equal(expected.Register, actual.Register);
        Assert.Equal(expected.Value!.Position, actual.Value!.Position);
    }

    private static Acceptor Restore(DirectoryStore store)
    {
        var acceptor = new Acceptor(new AcceptorId(Node, store.Id));
        foreach (var record in store.Recovered)
        {
            acceptor.Apply(record);
        }

        return acceptor;
    }

    private DirectoryStore Open() => DirectoryStore.Open(_path, Node, StoreId, Values, SmallLog);

    private string Log() => Assert.Single(Directory.GetFiles(_path, "log-*"));

    private int LogNumber() => int.Parse(Log().Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>An acceptor that was bound, and then promised so many ballots, each in a write of its own.</summary>
    private async Task<Acceptor> WriteAsync(int promises)
    {
        var store = Open();
        var acceptor = Restore(store);
        var founders = Configuration.Of(0, [new AcceptorId(Node, StoreId)]);
        await store.AppendAsync([acceptor.Bind(StoreId, founders.Acceptors[0], RegisterValue.Unfounded(founders, TableState.Empty))!], acceptor.Checkpoint, TestContext.Current.CancellationToken);
        await store.DisposeAsync();
        await AppendAsync(acceptor, promises);
        return acceptor;
    }

    private async Task AppendAsync(Acceptor acceptor, int promises)
    {
        await using var store = Open();
        for (var i = 0; i < promises; i++)
        {
            var record = new PromiseRecord(Ballot((int)acceptor.PromisedBallot.Round + 1));
            acceptor.Apply(record);
            await store.AppendAsync([record], acceptor.Checkpoint, TestContext.Current.CancellationToken);
        }
    }
}
