using Gossip.Tables;
using Gossip.Tests.Messaging;
using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>Clean-ups that others interfere with.</summary>
public sealed class TableCleanupTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_changed_while_it_was_judged_is_judged_again()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        BeforeRemoval(cluster, times: 1, () => Update(cluster, "a", value: 1));
        List<byte> judged = [];
        Assert.True(await cluster.Client.CleanupDefunctAsync(Noon, Sign, cancellationToken: Token));
        Assert.Equal(new byte[] { 0, 1 }, judged);
        Assert.Equal((0, 3), (cluster.Register.Table.Rows.Count, cluster.Register.Table.Version.Number));

        DateTimeOffset? Sign(TableRow row)
        {
            judged.Add(row.Value.Span[0]);
            return Noon.AddDays(-1);
        }
    }

    [Fact]
    public async Task A_row_that_came_back_while_it_was_judged_stays()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        BeforeRemoval(cluster, times: 1, () => Update(cluster, "a", value: 1));
        Assert.False(await cluster.Client.CleanupDefunctAsync(Noon, row => Noon.AddDays(row.Value.Span[0] == 0 ? -1 : 1), cancellationToken: Token));
        Assert.Equal((1, 2), (cluster.Register.Table.Rows.Count, cluster.Register.Table.Version.Number));
    }

    [Fact]
    public async Task Of_several_rows_only_the_one_that_changed_stays_until_the_next_call()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        Insert(cluster, "b");
        BeforeRemoval(cluster, times: 1, () => Update(cluster, "a", value: 1));
        Assert.True(await cluster.Client.CleanupDefunctAsync(Noon, _ => Noon.AddDays(-1), cancellationToken: Token));
        Assert.Equal("a", Assert.Single(cluster.Register.Table.Rows).Key);
        Assert.Equal(4, cluster.Register.Table.Version.Number);
    }

    [Fact]
    public async Task One_that_loses_for_ever_ends_in_time_and_says_that_nothing_happened()
    {
        var clock = new TestClock();
        await using var cluster = new MemoryTableCluster(time: clock);
        Insert(cluster, "a");
        BeforeRemoval(cluster, times: int.MaxValue, () =>
        {
            Update(cluster, "a", value: 1);
            clock.Advance(TimeSpan.FromSeconds(1));
        });
        var error = await Assert.ThrowsAsync<TableUnavailableException>(() => cluster.Client.CleanupDefunctAsync(Noon, _ => Noon.AddDays(-1), cancellationToken: Token));
        Assert.False(error.MayHaveHappened);
        Assert.Single(cluster.Register.Table.Rows);
    }

    [Fact]
    public async Task A_rule_that_throws_removes_nothing()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        await Assert.ThrowsAsync<FormatException>(() => cluster.Client.CleanupDefunctAsync(Noon, _ => throw new FormatException(), cancellationToken: Token));
        Assert.Equal(0, cluster.Register.Changes);
    }

    [Fact]
    public async Task Nothing_is_sent_when_there_is_nothing_to_remove()
    {
        await using var cluster = new MemoryTableCluster();
        Insert(cluster, "a");
        Assert.False(await cluster.Client.CleanupDefunctAsync(Noon, _ => Noon, cancellationToken: Token)); // exactly then stays
        Assert.Equal((0, 1), (cluster.Register.Changes, cluster.Register.Table.Version.Number));
    }

    private static void Insert(MemoryTableCluster cluster, string key) =>
        Assert.Equal(TableOutcome.Done, cluster.Register.Decide(new InsertRow(cluster.Register.Table.Version, key, new byte[] { 0 }, IsTerminal: true, Floor: 0)).Outcome);

    private static void Update(MemoryTableCluster cluster, string key, byte value) =>
        Assert.Equal(TableOutcome.Done, cluster.Register.Decide(
            new UpdateRow(cluster.Register.Table.Version, key, cluster.Register.Table.Rows[key].Stamp, new[] { value }, IsTerminal: true)).Outcome);

    private static void BeforeRemoval(MemoryTableCluster cluster, int times, Action interfere) => cluster.Register.BeforeChange = change =>
    {
        if (change is RemoveRows && times-- > 0)
        {
            interfere();
        }

        return Task.CompletedTask;
    };
}
