using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gossip.Tests.Discovery;

/// <summary>Seed providers as nodes meet them.</summary>
public sealed class SeedProviderHostingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_joins_through_what_a_provider_says()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync();
        await cluster.AddAsync(cluster.Options(options => options.SeedProviders.Add(SeedProvider.From(_ => new([LocalCluster.Address(first)])))));
        await cluster.FormedAsync();
    }

    [Fact]
    public async Task A_provider_that_fails_does_not_keep_a_node_from_starting()
    {
        await using var cluster = new LocalCluster();
        var node = await cluster.AddAsync(cluster.Options(options =>
        {
            options.SeedProviders.Add(SeedProvider.From(_ => throw new InvalidOperationException("down")));
            options.SeedsFile = Path.Combine(Path.GetTempPath(), $"no-such-file-{Guid.NewGuid():N}");
        }));
        Assert.Equal(MemberState.Alive, node.View.Local.State);
    }

    [Fact]
    public async Task A_start_that_waits_for_a_provider_can_be_given_up()
    {
        await using var cluster = new LocalCluster();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = cluster.Options(options => options.SeedProviders.Add(SeedProvider.From(async token =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return [];
        })));
        options.Table = new TableOptions { Founding = TableFounding.Single };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cluster.AddAsync(options, TimeProvider.System, stop.Token).InTime());
    }

    [Theory]
    [InlineData("ws://127.0.0.1:1/gossip")]
    [InlineData("127.0.0.1:1|http://127.0.0.1:1/gossip")]
    public async Task A_way_that_leads_nowhere_is_a_result(string address)
    {
        await using var cluster = new LocalCluster();
        var node = await cluster.AddAsync();
        var result = Assert.Single(await node.JoinAsync([address], Token).InTime());
        Assert.False(result.Succeeded);
        Assert.Contains(address, result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(GossipNodeState.Running, node.State);
    }

    [Fact]
    public async Task This_machine_has_its_name_whatever_dns_servers_say()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync();
        var second = await cluster.AddAsync(cluster.Options(options =>
        {
            options.DnsServers.Add("127.0.0.1:1");
            options.Seeds.Add($"localhost:{first.View.Local.Address.Port}");
        }));
        Assert.NotNull(second.View.Find(first.Id));
    }

    [Fact]
    public async Task A_service_is_a_provider_and_may_need_the_node()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(first.View.Local.Address.ToString());
        builder.Services.AddGossipSeedProvider<Registry>();
        builder.UseGossipClustering(options =>
        {
            options.ClusterName = cluster.Name;
            options.BindAddress = LocalCluster.AnyPort;
            options.Profile = GossipProfile.Local;
        });
        using var host = builder.Build();
        await host.StartAsync(Token);
        var node = host.Services.GetRequiredService<GossipNode>();
        Assert.NotNull(node.View.Find(first.Id));
        Assert.Same(node, host.Services.GetRequiredService<Registry>().Node);
        await host.StopAsync(Token);
    }

    [Fact]
    public void The_configuration_is_read_again_and_does_not_make_a_developers_node_another_one()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseGossipClustering();
        using var host = builder.Build();
        var options = host.Services.GetRequiredService<IOptions<GossipOptions>>().Value;
        Assert.Equal("the configuration Gossip:Seeds", Assert.Single(options.SeedProviders).ToString());
        Assert.False(options.HasSeedProviders);
        options.SeedProviders.Add(SeedProvider.FromConfiguration(builder.Configuration.GetSection("Mine")));
        Assert.True(options.HasSeedProviders);
    }

    private sealed class Registry(GossipNode node, string seed) : ISeedProvider
    {
        public GossipNode Node => node;

        public ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken) => new([seed]);
    }
}
