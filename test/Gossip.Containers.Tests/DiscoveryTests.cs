using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Images;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>Containers that know nothing but one name.</summary>
public sealed class DiscoveryTests(NodeImage image) : ContainerTest(image)
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public async Task Containers_find_each_other_by_name_and_messages_reach_exactly_those_with_the_tag(int nodes)
    {
        var cluster = await StartAsync(nodes);
        await ContainerCluster.AwaitAsync(cluster.Nodes, report => report.Members.Length == nodes
            && Array.TrueForAll(report.Members, static member => member.Tags is [ContainerCluster.EvenTag] or [ContainerCluster.OddTag]));

        foreach (var sender in cluster.Nodes)
        {
            var sent = await sender.SendAsync(ContainerCluster.EvenTag, sender.Name, Token);
            Assert.Equal(Tagged(cluster).Count(node => node != sender), sent.Length);
            Assert.All(sent, static target => Assert.Equal("Handled", target.Outcome));
        }

        foreach (var node in cluster.Nodes)
        {
            var others = cluster.Nodes.Where(other => other != node).Select(static other => other.Name).Order(StringComparer.Ordinal);
            var report = await node.TryReportAsync(Token);
            Assert.Equal(Tagged(cluster).Contains(node) ? others : [], report!.Received.Order(StringComparer.Ordinal));
        }
    }

    private static IEnumerable<NodeContainer> Tagged(ContainerCluster cluster) => cluster.Nodes.Where(static (_, index) => int.IsEvenInteger(index));
}
