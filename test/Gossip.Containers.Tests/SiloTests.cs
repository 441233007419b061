using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Images;
using Gossip.Tests;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>Silos of Orleans in containers, under calls of grains.</summary>
public sealed class SiloTests(NodeImage image) : ContainerTest(image)
{
    private const int Silos = 3;

    [Fact]
    public async Task Grains_go_on_while_silos_are_started_anew_and_killed_and_in_the_end_each_is_active_once()
    {
        Skipping.Unless(NodeImage.HasOrleans, "The package feed that this was built from lacks Microsoft.Orleans.");
        var cluster = await StartAsync(Silos, static settings => settings with
        {
            Environment = new Dictionary<string, string>(settings.Environment, StringComparer.Ordinal)
            {
                ["Silo"] = "true",
                ["Orleans__ClusterId"] = settings.Environment["Gossip__ClusterName"],
                ["Orleans__ServiceId"] = "containers",
            },
        });
        await AwaitActiveAsync(cluster);
        var calls = GrainCalls.Begin(cluster);
        foreach (var silo in cluster.Nodes)
        {
            await silo.StopAsync(Token);
            await AwaitActiveAsync(cluster);
            await silo.StartAsync(Token);
            await AwaitActiveAsync(cluster);
        }

        await cluster.Nodes[0].KillAsync(Token);
        await AwaitActiveAsync(cluster);
        await cluster.Nodes[0].StartAsync(Token);
        await AwaitActiveAsync(cluster);
        await calls.EndAsync();

        Assert.True(calls.Answered > 0);
        for (var key = 0; key < GrainCalls.Grains; key++)
        {
            var seen = await Task.WhenAll(cluster.Nodes.Select(silo => silo.TryCallAsync(key, Token)));
            Assert.Single(seen.Distinct());
            Assert.NotNull(seen[0]);
        }
    }

    /// <summary>Waits until each running silo believes that exactly the running ones are active.</summary>
    private static Task AwaitActiveAsync(ContainerCluster cluster)
    {
        var running = cluster.Running.ToArray();
        return ContainerCluster.AwaitAsync(running, static (node, token) => node.TrySilosAsync(token), silos => silos.Count(static silo => silo.Status == "Active") == running.Length);
    }
}
