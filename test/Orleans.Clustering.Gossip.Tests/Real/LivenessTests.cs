using Gossip;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>Silos start, stop, start again and die, and the grains go on: the cases that Orleans tries with each of its providers, and more.</summary>
public sealed class LivenessTests
{
    private const int Grains = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_that_start_are_active_everywhere_and_one_that_stops_is_not_any_more()
    {
        await using var cluster = await SiloCluster.StartAsync(2);
        var third = await cluster.Test.StartAdditionalSiloAsync();
        await cluster.AwaitActiveAsync(3);
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        Assert.Equal(3, (await management.GetHosts(onlyActive: false, Token)).Count(static host => host.Value == SiloStatus.Active));

        await cluster.Test.StopSiloAsync(third, Token);
        await cluster.AwaitActiveAsync(2);

        var hosts = await management.GetHosts(onlyActive: false, Token);
        Assert.Equal(3, hosts.Count);
        Assert.Equal(SiloStatus.Dead, hosts[third.SiloAddress]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_silo_starts_again_at_its_address_and_old_and_new_grains_answer(int index)
    {
        await using var cluster = await SiloCluster.StartAsync(3);
        await cluster.CallAsync(0, Grains);
        var old = cluster.Test.Silos[index];

        var again = await cluster.Test.RestartSiloAsync(old);
        Assert.NotNull(again);
        Assert.Equal(old.SiloAddress.Endpoint, again.SiloAddress.Endpoint);
        await cluster.AwaitActiveAsync(3);

        await cluster.CallAsync(0, Grains * 2);
        Assert.All(cluster.Test.Silos, silo => Assert.Equal(SiloStatus.Dead, cluster.View(silo)[old.SiloAddress]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_silo_is_killed_and_old_and_new_grains_answer(int index)
    {
        await using var cluster = await SiloCluster.StartAsync(3);
        await cluster.CallAsync(0, Grains);
        var victim = cluster.Test.Silos[index];

        await cluster.Test.KillSiloAsync(victim, Token);
        await cluster.AwaitActiveAsync(2);

        await cluster.CallAsync(0, Grains * 2);
    }

    [Fact]
    public async Task A_silo_that_is_alone_stops_soon_and_so_does_the_last_of_three()
    {
        await using var alone = await SiloCluster.StartAsync(1, configure: static options =>
        {
            options.Seeds.Clear();
            options.Table!.Founding = TableFounding.Single;
        });
        await alone.Test.StopSiloAsync(alone.Test.Silos[0], Token);

        await using var cluster = await SiloCluster.StartAsync(3);
        foreach (var silo in cluster.Test.Silos)
        {
            await cluster.Test.StopSiloAsync(silo, Token);
        }

        Assert.Empty(cluster.Test.Silos);
    }

    [Fact]
    public async Task All_silos_stop_at_once_and_start_again()
    {
        await using var cluster = await SiloCluster.StartAsync(3);
        await cluster.CallAsync(0, Grains);
        await cluster.Test.StopAllSilosAsync(Token);
        Assert.Empty(cluster.Test.Silos);

        await cluster.Test.StartAdditionalSilosAsync(3, startAdditionalSiloOnNewPort: false, Token);
        await cluster.AwaitActiveAsync(3);
    }

    [Fact]
    public async Task Ten_silos_start_at_once()
    {
        await using var cluster = await SiloCluster.StartAsync(10);
        await cluster.AwaitActiveAsync(10);
        await cluster.CallAsync(0, Grains);
    }
}
