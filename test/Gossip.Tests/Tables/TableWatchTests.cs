using Gossip.Tables;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>How a node learns of versions.</summary>
public sealed class TableWatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_version_is_the_latest_that_the_node_knows_and_then_only_higher_ones_come()
    {
        await using var cluster = new MemoryTableCluster();
        cluster.Gossip.Tell('b', TableFacts.Version, 7UL);
        await using var versions = cluster.Client.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal(7, await NextAsync(versions));

        cluster.Gossip.Tell('b', TableFacts.Version, 3UL);
        cluster.Gossip.Tell('a', TableFacts.Version, 6UL);
        cluster.Gossip.Forget('b');
        var next = NextAsync(versions);
        Assert.False(next.IsCompleted);
        cluster.Gossip.Tell('a', TableFacts.Version, 9UL);
        Assert.Equal(9, await next);
    }

    [Fact]
    public async Task A_slow_reader_gets_the_latest_only()
    {
        await using var cluster = new MemoryTableCluster();
        await using var versions = cluster.Client.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal(0, await NextAsync(versions)); // of the empty table, which this node holds
        for (ulong version = 1; version <= 100; version++)
        {
            cluster.Gossip.Tell('b', TableFacts.Version, version);
        }

        Assert.Equal(100, await NextAsync(versions));
    }

    [Fact]
    public async Task Own_calls_tell_of_versions_won_or_lost()
    {
        await using var cluster = new MemoryTableCluster();
        await using var versions = cluster.Client.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal(0, await NextAsync(versions));
        var next = NextAsync(versions);
        Assert.True(await cluster.Client.InsertRowAsync("a", default, default, cancellationToken: Token));
        Assert.Equal(1, await next);

        next = NextAsync(versions);
        var expected = cluster.Register.Table.Version; // the latest that the client knows: about an older one it asks nobody, and so learns nothing
        cluster.Register.Decide(new InsertRow(expected, "b", default, IsTerminal: false, Floor: 0));
        Assert.False(await cluster.Client.InsertRowAsync("c", default, expected, cancellationToken: Token));
        Assert.Equal(2, await next);

        next = NextAsync(versions);
        cluster.Register.Decide(new InsertRow(cluster.Register.Table.Version, "c", default, IsTerminal: false, Floor: 0));
        await cluster.Client.ReadAllAsync(Token);
        Assert.Equal(3, await next);
    }

    [Fact]
    public async Task What_is_no_version_is_passed_over()
    {
        await using var cluster = new MemoryTableCluster();
        cluster.Gossip.Tell('b', TableFacts.Version, "seven");
        cluster.Gossip.Tell('a', TableFacts.Version, 1UL + int.MaxValue);
        await using var versions = cluster.Client.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal(0, await NextAsync(versions));
        var next = NextAsync(versions);
        Assert.False(next.IsCompleted);
        cluster.Gossip.Tell('a', TableFacts.Version, (ulong)int.MaxValue);
        Assert.Equal(int.MaxValue, await next);
    }

    [Fact]
    public async Task Watching_ends_when_the_node_stops()
    {
        await using var cluster = new MemoryTableCluster();
        await using var versions = cluster.Client.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.Equal(0, await NextAsync(versions));
        var next = versions.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        await cluster.StopAsync();
        Assert.False(await next.InTime());

        await using var late = cluster.Client.WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await late.MoveNextAsync());
        Assert.False(await late.MoveNextAsync());
    }

    [Fact]
    public async Task Watching_ends_when_it_is_cancelled()
    {
        await using var cluster = new MemoryTableCluster();
        using var cancel = new CancellationTokenSource();
        await using var versions = cluster.Client.WatchAsync(cancel.Token).GetAsyncEnumerator(cancel.Token);
        Assert.Equal(0, await NextAsync(versions));
        var next = versions.MoveNextAsync().AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.InTime());
    }

    [Fact]
    public async Task Every_watcher_gets_all()
    {
        await using var cluster = new MemoryTableCluster();
        var watchers = Enumerable.Range(0, 4).Select(_ => cluster.Client.WatchAsync(Token).GetAsyncEnumerator(Token)).ToArray();
        await Task.WhenAll(watchers.Select(NextAsync));
        var next = watchers.Select(NextAsync).ToArray();
        cluster.Gossip.Tell('b', TableFacts.Version, 5UL);
        Assert.All(await Task.WhenAll(next), version => Assert.Equal(5, version));
        await Task.WhenAll(watchers.Select(watcher => watcher.DisposeAsync().AsTask()));
    }

    private static async Task<int> NextAsync(IAsyncEnumerator<int> versions)
    {
        Assert.True(await versions.MoveNextAsync().AsTask().InTime());
        return versions.Current;
    }
}
