using Gossip;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>A silo whose table has no majority any more, and that sees no other silo.</summary>
public sealed class FarewellTests
{
    private static readonly string ClusterId = $"farewell-{Guid.NewGuid()}";

    [Fact]
    public async Task Only_while_it_stops_its_own_end_counts_as_written()
    {
        await using var keeper = ProviderHandle.Silo(ClusterId, static options =>
        {
            options.BindAddress = "127.0.0.1:0";
            options.Profile = GossipProfile.Local;
            options.Table!.Founding = TableFounding.Single;
        });
        await keeper.Table.InitializeMembershipTable(true);
        var own = Entries.New(SiloStatus.Active);
        var seed = keeper.Address;
        using var host = new StandInHost();
        await using var silo = ProviderHandle.Silo(
            ClusterId,
            options =>
            {
                options.BindAddress = "127.0.0.1:0";
                options.Profile = GossipProfile.Local;
                options.Seeds.Add(seed);
                options.Table!.Votes = false;
                options.Table.OperationTimeout = TimeSpan.FromMilliseconds(300);
            },
            services: services => host.AddTo(services, own.SiloAddress));
        await silo.Table.InitializeMembershipTable(true);
        Assert.True(await silo.Table.InsertRow(own, (await silo.Table.ReadAll()).Version.Next()));
        var read = await silo.Table.ReadAll();
        await keeper.Node.StopAsync(new CancellationToken(canceled: true));

        own.Status = SiloStatus.ShuttingDown;
        await Assert.ThrowsAsync<TableUnavailableException>(silo.Table.ReadAll);
        await Assert.ThrowsAsync<TableUnavailableException>(() => silo.Table.UpdateRow(own, read.Members[0].Item2, read.Version.Next()));

        host.StopApplication();
        Assert.Equal(Entries.Describe(read), Entries.Describe(await silo.Table.ReadAll()));
        Assert.True(await silo.Table.UpdateRow(own, read.Members[0].Item2, read.Version.Next()));
        var other = Entries.New(SiloStatus.Dead);
        await Assert.ThrowsAsync<TableUnavailableException>(() => silo.Table.UpdateRow(other, read.Members[0].Item2, read.Version.Next()));
    }
}
