using Gossip;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>What options come to, from all the places that they come from, and what is refused before a socket opens.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void The_cluster_is_Orleans_own()
    {
        var options = Options(silo => silo.UseGossipClustering());
        Assert.Equal(("orders", "shop"), (options.ClusterName, options.ServiceId));
        Assert.True(options.Table!.Votes);
    }

    [Fact]
    public void What_is_set_for_the_silo_wins_over_its_section_and_that_over_the_host()
    {
        var options = Options(
            silo =>
            {
                silo.Services.AddGossipCluster(host =>
                {
                    host.Tags.Add("host");
                    host.MaxMembers = 30;
                    host.StopTimeout = TimeSpan.FromSeconds(3);
                });
                silo.UseGossipClustering((GossipClusteringOptions own) => own.StopTimeout = TimeSpan.FromSeconds(4));
            },
            ("Gossip:MaxMembers", "20"), ("Gossip:MaxDatagramSize", "1000"));

        Assert.Equal(["host"], options.Tags);
        Assert.Equal((30, 1000, TimeSpan.FromSeconds(4)), (options.MaxMembers, options.MaxDatagramSize, options.StopTimeout));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_host_sets_last_is_set_for_the_silo_too_whoever_was_first(bool hostFirst)
    {
        void SetUpHost(IServiceCollection services)
        {
            services.AddGossipCluster();
            services.Configure<GossipOptions>(static host => (host.MaxMembers, host.MaxDatagramSize) = (30, 1000));
            services.PostConfigure<GossipOptions>(static host => host.StopTimeout = TimeSpan.FromSeconds(3));
        }

        var options = Options(silo =>
        {
            if (hostFirst)
            {
                SetUpHost(silo.Services);
            }

            silo.UseGossipClustering((GossipClusteringOptions own) => (own.MaxDatagramSize, own.StopTimeout) = (1200, TimeSpan.FromSeconds(4)));
            if (!hostFirst)
            {
                SetUpHost(silo.Services);
            }
        });

        Assert.Equal((30, 1200, TimeSpan.FromSeconds(3)), (options.MaxMembers, options.MaxDatagramSize, options.StopTimeout));
    }

    [Fact]
    public void What_the_host_checks_is_checked_of_the_silo()
    {
        var error = Assert.Throws<OrleansConfigurationException>(() => Validate(static silo =>
        {
            silo.Services.AddOptions<GossipOptions>().Validate(static options => options.Tags.Contains("rack"), "Name the rack.");
            silo.UseGossipClustering();
        }));
        Assert.Contains("Name the rack.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_has_one_node_whoever_asks_for_it()
    {
        var services = Silo(silo =>
        {
            silo.Services.AddGossipCluster();
            silo.UseGossipClustering();
            silo.UseGossipClustering();
            silo.Services.AddGossipCluster();
        });
        await using var provider = services.BuildServiceProvider();
        Assert.Single(services, static service => service.ServiceType == typeof(GossipNode));
        Assert.Single(services, static service => service.ServiceType == typeof(IMembershipTable));
        Assert.Same(provider.GetRequiredService<GossipNode>().Messages, provider.GetRequiredService<GossipMessaging>());

        foreach (var hosted in provider.GetServices<IHostedService>())
        {
            await hosted.StartAsync(TestContext.Current.CancellationToken);
            await hosted.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(GossipNodeState.Created, provider.GetRequiredService<GossipNode>().State); // the silo's life starts it, not the host's
    }

    [Theory]
    [InlineData("BindAddress: ", "BindAddress", "nowhere:99999")]
    [InlineData("Seeds", "Seeds:0", "::bad::")]
    [InlineData("Founding = Single", "BindAddress", "0.0.0.0:11511")]
    [InlineData("EncryptionKeys", "EncryptionKeys:0", "secret")]
    [InlineData("port of Orleans' SiloPort", "BindAddress", "127.0.0.1:11111")]
    [InlineData("port of Orleans' GatewayPort", "BindAddress", "127.0.0.1:30000")]
    [InlineData("InitializationTimeout is 00:10:00", "InitializationTimeout", "00:10:00")]
    [InlineData("the silo's ClusterId is 'orders'", "ClusterName", "other")]
    [InlineData("the silo's ServiceId is 'shop'", "ServiceId", "other")]
    public void What_cannot_work_is_one_clear_error(string says, string key, string value)
    {
        var error = Assert.Throws<OrleansConfigurationException>(() => Validate(silo => silo.UseGossipClustering(options => options.Configure<IConfiguration>(
            (target, configuration) => configuration.GetSection("Orleans:Clustering").Bind(target))), ($"Orleans:Clustering:{key}", value)));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_are_valid() => Validate(silo => silo.UseGossipClustering());

    private static ServiceCollection Silo(Action<ISiloBuilder> configure, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(static item => item.Key, static item => (string?)item.Value)).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddLogging();
        services.Configure<ClusterOptions>(static options => (options.ClusterId, options.ServiceId) = ("orders", "shop"));
        configure(new Builder(services, configuration));
        return services;
    }

    private static GossipClusteringOptions Options(Action<ISiloBuilder> configure, params (string Key, string Value)[] settings)
    {
        using var provider = Silo(configure, settings).BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<GossipClusteringOptions>>().Value;
        Assert.Same(options, provider.GetRequiredService<IOptions<GossipOptions>>().Value);
        return options;
    }

    private static void Validate(Action<ISiloBuilder> configure, params (string Key, string Value)[] settings)
    {
        using var provider = Silo(configure, settings).BuildServiceProvider();
        foreach (var validator in provider.GetServices<IConfigurationValidator>().Where(static one => one is ClusteringOptionsValidator))
        {
            validator.ValidateConfiguration();
        }
    }

    private sealed record Builder(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder;
}
