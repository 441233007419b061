using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Images;
using Node;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>What becomes of five nodes of which some are killed, stopped for a while, cut off or started anew, while all use the table.</summary>
public sealed class FaultTests(NodeImage image) : ContainerTest(image)
{
    private const int Nodes = 5;

    [Fact]
    public async Task A_node_that_is_killed_is_found_dead_and_comes_back_at_its_address_and_at_another()
    {
        var cluster = await StartAsync(Nodes);
        await TableUse.BeginAsync(cluster.Nodes);
        var victim = await FindAsync(cluster, static report => report.Table.IsInCharge);
        await victim.KillAsync(Token);
        await cluster.AwaitAllSeeAllAsync();
        await TableUse.AwaitCommitsAsync([.. cluster.Running]);

        await victim.StartAsync(Token);
        await cluster.AwaitAllSeeAllAsync();

        // Another container of the same name, while the old address is taken by somebody else.
        var address = (await victim.TryReportAsync(Token))!.Address;
        await victim.RemoveAsync(Token);
        await cluster.AddAsync();
        await victim.RunAsync(Token);
        await cluster.AwaitAllSeeAllAsync();
        Assert.NotEqual(address, (await victim.TryReportAsync(Token))!.Address);

        await TableUse.BeginAsync([victim]);
        await TableUse.AwaitCommitsAsync([victim]);
        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }

    [Fact]
    public async Task A_node_that_pauses_is_declared_dead_and_takes_part_again_when_it_goes_on()
    {
        var cluster = await StartAsync(Nodes);
        await TableUse.BeginAsync(cluster.Nodes);
        var victim = cluster.Nodes[^1];
        await victim.PauseAsync(Token);
        await cluster.AwaitAllSeeAllAsync();

        await victim.UnpauseAsync(Token);
        await cluster.AwaitAllSeeAllAsync();
        await TableUse.AwaitCommitsAsync(cluster.Nodes);
        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }

    [Fact]
    public async Task A_node_whose_network_is_gone_is_declared_dead_and_takes_part_again_when_it_is_back()
    {
        var cluster = await StartAsync(Nodes);
        await TableUse.BeginAsync(cluster.Nodes);
        var victim = cluster.Nodes[0];
        var others = cluster.Nodes.Skip(1).ToArray();
        await cluster.DisconnectAsync(victim);
        await ContainerCluster.AwaitAllSeeAsync(others);
        await ContainerCluster.AwaitAsync([victim], report => ContainerCluster.Alive(report).SequenceEqual([victim.Name]));

        await cluster.ConnectAsync(victim);
        await cluster.AwaitAllSeeAllAsync();
        await TableUse.AwaitCommitsAsync(cluster.Nodes);
        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }

    [Fact]
    public async Task All_are_started_anew_one_after_the_other_and_each_time_all_go_on()
    {
        var cluster = await StartAsync(Nodes);
        await TableUse.BeginAsync(cluster.Nodes);
        foreach (var node in cluster.Nodes)
        {
            await node.StopAsync(Token);
            await cluster.AwaitAllSeeAllAsync();
            await node.StartAsync(Token);
            await cluster.AwaitAllSeeAllAsync();
            await TableUse.BeginAsync([node]);
            await TableUse.AwaitCommitsAsync(cluster.Nodes);
        }

        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }

    private static async Task<NodeContainer> FindAsync(ContainerCluster cluster, Predicate<NodeReport> condition)
    {
        while (true)
        {
            foreach (var node in cluster.Nodes)
            {
                if (await node.TryReportAsync(Token) is { } report && condition(report))
                {
                    return node;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), Token);
        }
    }
}
