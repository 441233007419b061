using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Images;
using Gossip.Tests;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>Five nodes between some of which packets are dropped, in one direction or both, while all use the table.</summary>
public sealed class PartitionTests(NodeImage image) : ContainerTest(image)
{
    private const int Nodes = 5;
    private const int Seats = 3;

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task The_smaller_side_of_a_cut_changes_nothing_and_both_have_one_table_when_it_heals(int few)
    {
        var cluster = await StartCutAsync();
        var small = await ChooseAsync(cluster, few);
        var large = cluster.Nodes.Except(small).ToArray();
        await PacketFilter.CutAsync(small, large);
        await ContainerCluster.AwaitAsync(small, report => ContainerCluster.Alive(report).SequenceEqual(small.Select(static node => node.Name).Order(StringComparer.Ordinal)));
        await ContainerCluster.AwaitAllSeeAsync(large);
        await TableUse.AwaitCommitsAsync(large);

        await PacketFilter.HealAsync(cluster.Nodes);
        await cluster.AwaitAllSeeAllAsync();
        await TableUse.AwaitCommitsAsync(cluster.Nodes);
        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }

    [Fact]
    public async Task A_node_that_hears_nobody_and_is_heard_takes_part_again_when_it_hears()
    {
        var cluster = await StartCutAsync();
        var deaf = cluster.Nodes[0];
        var others = cluster.Nodes.Skip(1).ToArray();
        await PacketFilter.BlockAsync(others, [deaf]);
        await ContainerCluster.AwaitAllSeeAsync(others);
        await TableUse.AwaitCommitsAsync(others);

        await PacketFilter.HealAsync(cluster.Nodes);
        await cluster.AwaitAllSeeAllAsync();
        await TableUse.AwaitCommitsAsync(cluster.Nodes);
        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }

    /// <summary>One with a seat, in charge if anybody is, and others without. Three of five have seats, so the larger side keeps a majority of them.</summary>
    private static async Task<NodeContainer[]> ChooseAsync(ContainerCluster cluster, int few)
    {
        var reports = await Task.WhenAll(cluster.Nodes.Select(static node => node.TryReportAsync(Token)));
        var seated = cluster.Nodes.Zip(reports).Where(static pair => pair.Second!.Table.HasSeat).OrderByDescending(static pair => pair.Second!.Table.IsInCharge).Select(static pair => pair.First).ToArray();
        Assert.Equal(Seats, seated.Length);
        return [seated[0], .. cluster.Nodes.Except(seated).Take(few - 1)];
    }

    private async Task<ContainerCluster> StartCutAsync()
    {
        var cluster = await StartAsync(Nodes);
        var obstacle = await PacketFilter.FindObstacleAsync();
        Skipping.Unless(obstacle is null, $"Packets cannot be dropped here: {obstacle}");
        await ContainerCluster.AwaitAsync(cluster.Nodes, static report => report.Table.Acceptors == Seats);
        await TableUse.BeginAsync(cluster.Nodes);
        return cluster;
    }
}
