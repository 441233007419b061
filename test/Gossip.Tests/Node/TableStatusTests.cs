using Gossip.Hosting;
using Gossip.Tests.Transport;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace Gossip.Tests.Node;

public sealed class TableStatusTests
{
    private const int Founders = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_alone_founds_its_table_and_is_in_charge()
    {
        await using var cluster = new LocalCluster();
        var node = await cluster.AddAsync(options => options.Table = new TableOptions());
        Assert.True(await node.Table.InsertRowAsync("row", new byte[1], (await node.Table.ReadAllAsync(Token)).Version, cancellationToken: Token));

        var status = await node.GetTableStatusAsync(Token);
        Assert.True(status is { IsFounded: true, HasQuorum: true, HasSeat: true, IsInCharge: true, Epoch: 1, KnownVersion: 1, Diagnosis: "" }, status.ToString());
        var acceptor = Assert.Single(status.Acceptors);
        Assert.Equal(new TableAcceptor(node.Id, node.View.Local.Address, IsDurable: false, TableAcceptorState.Serving), acceptor);
    }

    [Fact]
    public async Task A_node_that_knows_no_table_is_not_ready_and_says_for_whom_it_waits()
    {
        await using var cluster = new LocalCluster();
        var node = await cluster.AddAsync(options => options.Table = new TableOptions { Founding = TableFounding.Never });

        var status = await node.GetTableStatusAsync(Token);
        Assert.True(status is { IsFounded: false, HasQuorum: false, HasSeat: false, IsInCharge: false, Epoch: 0, KnownVersion: null }, status.ToString());
        Assert.Empty(status.Acceptors);
        Assert.Contains("No cluster was founded", status.Diagnosis, StringComparison.Ordinal);
        var health = await CheckAsync(node);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Contains(status.Diagnosis, health.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_follows_the_acceptors()
    {
        await using var cluster = new LocalCluster();
        for (var i = 0; i < Founders; i++)
        {
            var founding = i == 0 ? TableFounding.Single : TableFounding.Never;
            await cluster.AddAsync(options => options.Table = new TableOptions { Founding = founding });
        }

        // An observer sees it as all others do.
        var observer = await cluster.AddAsync(options => options.Table = new TableOptions { Votes = false });
        await Awaiting.UntilAsync(async () => (await observer.GetTableStatusAsync(Token)) is { Diagnosis: "", Acceptors.Length: Founders });
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(observer)).Status);
        Assert.False((await observer.GetTableStatusAsync(Token)).HasSeat);

        GossipNode[] keepers = [.. cluster.Nodes.Where(node => node != observer)];
        await cluster.KillAsync(keepers[^1]);
        await Awaiting.UntilAsync(async () => (await CheckAsync(observer)).Status == HealthStatus.Degraded);
        var status = await observer.GetTableStatusAsync(Token);
        Assert.True(status.HasQuorum, status.ToString());
        var missing = Assert.Single(status.Acceptors, acceptor => acceptor.State == TableAcceptorState.Missing);
        Assert.Equal(keepers[^1].Id, missing.Node);
        Assert.Contains($"{missing.Address} is dead or cut off", status.Diagnosis, StringComparison.Ordinal);

        await cluster.KillAsync(keepers[^2]);
        await Awaiting.UntilAsync(async () => (await CheckAsync(observer)).Status == HealthStatus.Unhealthy);
        Assert.False((await observer.GetTableStatusAsync(Token)).HasQuorum);
    }

    [Fact]
    public async Task A_node_without_a_table_says_how_to_have_one()
    {
        await using var cluster = new LocalCluster();
        var node = await cluster.AddAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => node.GetTableStatusAsync(Token));
        Assert.Contains("GossipOptions.Table", error.Message, StringComparison.Ordinal);
    }

    private static Task<HealthCheckResult> CheckAsync(GossipNode node) => new GossipHealthCheck(node).CheckHealthAsync(new HealthCheckContext(), Token);
}
