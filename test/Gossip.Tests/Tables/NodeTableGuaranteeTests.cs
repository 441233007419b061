using Xunit;

namespace Gossip.Tests.Tables;

/// <summary>The guarantees on a node that is alone.</summary>
public sealed class OneNodeTableGuaranteeTests : TableGuarantees
{
    private protected override async Task<ITableCluster> StartAsync(string name, TableOptions options) => await NodeTableCluster.StartAsync(name, options, voters: 1);
}

/// <summary>The guarantees on three nodes, with handles on different ones.</summary>
public sealed class ThreeNodeTableGuaranteeTests : TableGuarantees
{
    private protected override async Task<ITableCluster> StartAsync(string name, TableOptions options) => await NodeTableCluster.StartAsync(name, options, voters: 3);
}

/// <summary>The guarantees on three nodes of which the one in charge is killed again and again, with handles on others.</summary>
public sealed class KilledProposerTableGuaranteeTests : TableGuarantees
{
    private protected override async Task<ITableCluster> StartAsync(string name, TableOptions options) => await NodeTableCluster.StartAsync(name, options, voters: 3, kills: true);

    /// <summary>Shows that the others of this class are tried while somebody in charge dies: writes go on over several deaths, and each counts once.</summary>
    [Fact]
    public async Task Writes_go_on_while_those_in_charge_are_killed()
    {
        await using var cluster = await NodeTableCluster.StartAsync("killed", new TableOptions(), voters: 3, kills: true);
        await WriteThroughDeathsAsync(cluster, await HandleAsync(cluster, 0));
    }

    [Fact]
    public async Task A_client_writes_on_while_those_in_charge_are_killed()
    {
        await using var cluster = await NodeTableCluster.StartAsync("killed-client", new TableOptions(), voters: 3, kills: true);
        await WriteThroughDeathsAsync(cluster, new PatientTableClient(cluster.Client!.Table, cluster));
    }

    private static async Task WriteThroughDeathsAsync(NodeTableCluster cluster, ITableClient client)
    {
        const int Deaths = 4;
        Assert.True(await client.InsertRowAsync("row", new byte[] { 0 }, (await client.ReadAllAsync(Token)).Version, cancellationToken: Token));
        var writes = 0;
        while (cluster.Kills < Deaths)
        {
            var table = await client.ReadAllAsync(Token);
            Assert.Equal(writes + 1, table.Version.Number);
            Assert.True(await client.UpdateRowAsync("row", BitConverter.GetBytes(++writes), table.Rows[0].Etag, table.Version, cancellationToken: Token));
        }

        Assert.Equal(writes + 1, (await (await HandleAsync(cluster, 1)).ReadAllAsync(Token)).Version.Number);
    }
}
