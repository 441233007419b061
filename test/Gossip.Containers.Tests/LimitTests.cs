using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Images;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>Nodes that have little memory, or a disk that fills up, while all use the table.</summary>
public sealed class LimitTests(NodeImage image) : ContainerTest(image)
{
    private const int Founders = 3;
    private const string DataFolder = "/data";

    /// <summary>Less than the log of the table grows to before it is written anew.</summary>
    private const string SmallDisk = "128k";

    private const string LargeDisk = "64m";

    /// <summary>Twice what the program takes on a machine with much memory.</summary>
    private const string LittleMemory = "192m";

    [Fact]
    public async Task A_node_whose_disk_is_full_votes_no_more_and_another_takes_its_seat()
    {
        var cluster = await StartAsync(Founders, static settings => settings with
        {
            MemoryFolders = new Dictionary<string, string>(StringComparer.Ordinal) { [DataFolder] = settings.Name.EndsWith("-0", StringComparison.Ordinal) ? SmallDisk : LargeDisk },
            Environment = new Dictionary<string, string>(settings.Environment, StringComparer.Ordinal) { ["Gossip__Table__DataDirectory"] = $"{DataFolder}/table" },
        });
        var full = cluster.Nodes[0];
        await ContainerCluster.AwaitAsync(cluster.Nodes, static report => report.Table is { HasSeat: true, Acceptors: Founders });
        var spare = await cluster.AddAsync();
        await cluster.AwaitAllSeeAllAsync();

        await TableUse.BeginAsync(cluster.Nodes);
        await ContainerCluster.AwaitAsync([full], static report => !report.Table.HasSeat);
        await ContainerCluster.AwaitAsync([spare], static report => report.Table is { HasSeat: true, Acceptors: Founders, Diagnosis: "" });

        await TableUse.AwaitCommitsAsync(cluster.Nodes); // the one that votes no more among them
        Assert.True(await TableUse.EndAsync(cluster) > 0);
    }

    [Fact]
    public async Task Nodes_with_little_memory_go_on()
    {
        const int Rounds = 5;
        var cluster = await StartAsync(Founders, static settings => settings with { Memory = LittleMemory });
        var lives = await LivesAsync(cluster);
        await TableUse.BeginAsync(cluster.Nodes);
        for (var i = 0; i < Rounds; i++)
        {
            await TableUse.AwaitCommitsAsync(cluster.Nodes);
            await cluster.AwaitAllSeeAllAsync();
        }

        Assert.True(await TableUse.EndAsync(cluster) > 0);
        Assert.Equal(lives, await LivesAsync(cluster));
    }

    /// <summary>The processes: one that was killed for its memory has no number.</summary>
    private static Task<int[]> LivesAsync(ContainerCluster cluster) => Task.WhenAll(cluster.Nodes.Select(static node => node.FindProcessAsync(Token)));
}
