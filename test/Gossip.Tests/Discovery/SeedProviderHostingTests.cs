using Gossip.Tests.Node;
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
    }

    private sealed class Registry(GossipNode node, string seed) : ISeedProvider
    {
        public GossipNode Node => node;

        public ValueTask<IReadOnlyList<string>> GetSeedsAsync(CancellationToken cancellationToken) => new([seed]);
    }
}
