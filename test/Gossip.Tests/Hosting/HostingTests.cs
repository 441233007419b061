using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace Gossip.Tests.Hosting;

public sealed class HostingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hosts_configured_by_settings_form_a_cluster()
    {
        using var first = Build(new() { ["Gossip:Tags:0"] = "web", ["Gossip:Metadata:region"] = "eu" });
        await first.StartAsync(Cancellation);
        var node = first.Services.GetRequiredService<GossipNode>();

        using var second = Build(new() { ["Gossip:Seeds:0"] = node.View.Local.Address.ToString() });
        await second.StartAsync(Cancellation);
        var other = second.Services.GetRequiredService<GossipNode>();

        var seen = await FirstAsync(other, view => view.Find(node.Id) is { Tags.Count: 1 } member && member.Metadata.ContainsKey("region"));
        Assert.Equal("web", Assert.Single(seen.Find(node.Id)!.Tags));
        Assert.Equal("eu", seen.Find(node.Id)!.Metadata.Get<string>("region"));
        Assert.Same(other.Messages, second.Services.GetRequiredService<GossipMessaging>());

        await second.StopAsync(Cancellation);
        await FirstAsync(node, view => view.Find(other.Id)?.State == MemberState.Left);
        Assert.Equal(GossipNodeState.Stopped, other.State);
        await first.StopAsync(Cancellation);
    }

    [Fact]
    public void Code_wins_over_configuration_and_a_second_call_only_adds()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gossip:ClusterName"] = "from-settings",
            ["Gossip:ServiceId"] = "from-settings",
            ["Gossip:Profile"] = "Wan",
            ["Gossip:TcpOnly"] = "true",
            ["Gossip:StopTimeout"] = "00:00:03",
            ["Gossip:MaxDatagramSize"] = "1200",
            ["Gossip:Messaging:HandlerQueue"] = "17",
        });
        builder.UseGossipClustering(options => options.ClusterName = "from-code");
        builder.UseGossipClustering(options => options.Tags.Add("second"));
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptions<GossipOptions>>().Value;
        Assert.Equal("from-code", options.ClusterName);
        Assert.Equal("from-settings", options.ServiceId);
        Assert.Equal(GossipProfile.Wan, options.Profile);
        Assert.True(options.TcpOnly);
        Assert.Equal(TimeSpan.FromSeconds(3), options.StopTimeout);
        Assert.Equal(1200, options.MaxDatagramSize);
        Assert.Equal(17, options.Messaging.HandlerQueue);
        Assert.Equal("second", Assert.Single(options.Tags));
        Assert.Single(host.Services.GetServices<IHostedService>(), service => service.GetType().Namespace == "Gossip.Hosting");
    }

    [Fact]
    public async Task A_mistake_in_settings_stops_the_start_with_its_name()
    {
        using var host = Build(new() { ["Gossip:NodeId"] = "not-an-id" });
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));
        Assert.Contains("NodeId", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_the_wrong_type_names_its_key()
    {
        using var host = Build(new() { ["Gossip:MaxDatagramSize"] = "large" });
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Cancellation));
        Assert.Contains("Gossip:MaxDatagramSize", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_follows_the_node()
    {
        using var host = Build([]);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Cancellation)).Status);

        await host.StartAsync(Cancellation);
        var report = await health.CheckHealthAsync(Cancellation);
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(1, report.Entries[GossipServiceCollectionExtensions.HealthCheckName].Data["present"]);

        await host.StopAsync(Cancellation);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task A_node_whose_seeds_are_all_silent_is_degraded()
    {
        using var host = Build(new() { ["Gossip:Seeds:0"] = "127.0.0.1:1" });
        await host.StartAsync(Cancellation);
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);
        Assert.Equal(HealthStatus.Degraded, report.Status);
        await host.StopAsync(Cancellation);
    }

    private static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        settings.TryAdd("Gossip:BindAddress", "127.0.0.1:0");
        settings.TryAdd("Gossip:Profile", "Local");
        builder.Configuration.AddInMemoryCollection(settings);
        builder.UseGossipClustering();
        return builder.Build();
    }

    private static async Task<ClusterView> FirstAsync(GossipNode node, Func<ClusterView, bool> condition)
    {
        await foreach (var change in node.WatchAsync(Cancellation))
        {
            if (condition(change.View))
            {
                return change.View;
            }
        }

        throw new InvalidOperationException("The node stopped first.");
    }
}
