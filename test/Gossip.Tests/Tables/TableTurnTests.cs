using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>Turns over real nodes.</summary>
public sealed class TableTurnTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each reads and then writes in its turn, from all nodes at once: nobody loses. Without turns most would, as each write makes all others' versions old.</summary>
    [Fact]
    public async Task Who_writes_in_its_turn_does_not_lose()
    {
        const int Writers = 24;
        await using var cluster = await NodeTableCluster.StartAsync("turns", new TableOptions { OperationTimeout = TimeSpan.FromSeconds(60) }, voters: 3);
        var lost = 0;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async i =>
        {
            var client = await cluster.HandleAsync(i);
            await using var turn = await client.TakeTurnAsync(Token);
            while (!await client.InsertRowAsync($"row-{i}", new byte[] { 1 }, (await client.ReadAllAsync(Token)).Version, cancellationToken: Token))
            {
                Interlocked.Increment(ref lost);
            }
        }));

        Assert.Equal(Writers, (await (await cluster.HandleAsync(0)).ReadAllAsync(Token)).Version.Number);
        Assert.True(lost < Writers / 2, $"{lost} writes were lost: a turn may end by itself on a slow machine, but not each");
    }

    [Fact]
    public async Task A_turn_that_somebody_keeps_does_not_hold_up_the_next()
    {
        await using var cluster = await NodeTableCluster.StartAsync("kept", new TableOptions { OperationTimeout = TimeSpan.FromSeconds(60) }, voters: 1);
        var client = await cluster.HandleAsync(0);

        await using var kept = await client.TakeTurnAsync(Token);
        await using var next = await client.TakeTurnAsync(Token);

        Assert.NotSame(kept, next);
    }
}
