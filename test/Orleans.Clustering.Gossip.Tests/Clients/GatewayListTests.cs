using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>What a client is told about gateways.</summary>
public sealed class GatewayListTests
{
    [Fact]
    public async Task A_client_has_no_say_and_learns_of_gateways_as_they_come_and_go()
    {
        await using var cluster = await ProviderCluster.StartAsync(1);
        await using var client = cluster.NewClient(static options => options.Seeds.Insert(0, "127.0.0.1:1"));
        await client.Gateways.InitializeGatewayListProvider();
        Assert.Empty(await client.Gateways.GetGateways());
        Assert.False((await client.Node.GetTableStatusAsync(TestContext.Current.CancellationToken)).HasSeat);

        var entry = Entries.New(SiloStatus.Active);
        Assert.True(await cluster[0].InsertRow(entry, (await cluster[0].ReadAll()).Version.Next()));
        Assert.Single(await client.Gateways.GetGateways());

        var read = await cluster[0].ReadAll();
        entry.Status = SiloStatus.Dead;
        Assert.True(await cluster[0].UpdateRow(entry, read.Members[0].Item2, read.Version.Next()));
        Assert.Empty(await client.Gateways.GetGateways());
    }

    [Fact]
    public async Task What_was_known_last_stays_when_the_table_is_out_of_reach()
    {
        await using var cluster = await ProviderCluster.StartAsync(1);
        await using var client = cluster.NewClient(static options => options.Table!.OperationTimeout = TimeSpan.FromMilliseconds(200));
        await cluster[0].InsertRow(Entries.New(SiloStatus.Active), (await cluster[0].ReadAll()).Version.Next());
        IList<Uri> known;
        while ((known = await client.Gateways.GetGateways()).Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken); // it joins meanwhile
        }

        await cluster.Handle(0).Node.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal(Assert.Single(known), Assert.Single(await client.Gateways.GetGateways()));
    }

    [Fact]
    public async Task A_client_may_come_before_everybody_else()
    {
        await using var client = ProviderHandle.Client("early", static options =>
        {
            options.BindAddress = "127.0.0.1:0";
            options.Seeds.Add("127.0.0.1:1");
            options.Table!.OperationTimeout = TimeSpan.FromMilliseconds(100);
        });
        await client.Gateways.InitializeGatewayListProvider();
        Assert.Empty(await client.Gateways.GetGateways());
        Assert.Equal(TimeSpan.FromMinutes(1), client.Gateways.MaxStaleness);
    }
}
