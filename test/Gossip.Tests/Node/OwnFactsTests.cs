using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Tags and metadata that change at run time.</summary>
public class OwnFactsTests
{
    private const int LargeValue = 40_000;
    private const int MuchLess = LargeValue / 2;

    /// <summary>A probe with a full header and a statement or two; a packet with the facts of these nodes would be larger.</summary>
    private const int SmallPacket = 200;
    private const int ManyDatagrams = 12;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_of_every_kind_arrive_as_what_they_are_and_go_when_they_are_deleted()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, c) = (cluster.Nodes.First(), cluster.Nodes.Last());
        await a.UpdateAsync(update => update.Set("text", "x").Set("number", 42).Set("flag", false).Set("bytes", new byte[] { 1 }).AddTag("web"), Token);
        Assert.True(a.View.Local.HasTag("web"));
        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, a).Metadata.Count == 4);

        var seen = c.View.Find(a.Id)!;
        Assert.Equal(a.View.Local.Metadata.Select(pair => (pair.Key, pair.Value)), seen.Metadata.Select(pair => (pair.Key, pair.Value)));
        Assert.True(seen.HasTag("web"));

        await a.DeleteMetadataAsync("text", Token);
        await a.RemoveTagAsync("web", Token);
        await cluster.UntilAllAsync(node => !LocalCluster.Sees(node, a).HasTag("web") && LocalCluster.Sees(node, a).Metadata.Count == 3);
    }

    [Fact]
    public async Task Changes_of_one_key_can_be_watched_with_the_value_before()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        await using var changes = b.WatchMetadataAsync("load", Token).GetAsyncEnumerator(Token);
        await a.SetMetadataAsync("other", 1, Token);
        List<(NodeId, MetadataValue?, MetadataValue?)> seen = [];
        foreach (var step in new Func<Task>[]
        {
            () => a.SetMetadataAsync("load", 1, Token), () => a.SetMetadataAsync("load", 2, Token), () => a.DeleteMetadataAsync("load", Token),
        })
        {
            var next = changes.MoveNextAsync().AsTask();
            await step();
            Assert.True(await next.InTime());
            seen.Add((changes.Current.Member.Id, changes.Current.Previous, changes.Current.Current));
        }

        Assert.Equal([(a.Id, null, 1), (a.Id, 1, 2), (a.Id, 2, null)], seen);
    }

    [Fact]
    public async Task What_is_too_much_is_refused_as_a_whole()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var node = cluster.Nodes.Single();
        await node.SetMetadataAsync("kept", 1, Token);

        await Assert.ThrowsAsync<MetadataLimitException>(() => node.UpdateAsync(
            update => update.Set("kept", 2).AddTag("web").Set("large", new string('x', GossipOptions.DefaultMaxMetadataBytes)), Token));
        Assert.Equal(1, node.View.Local.Metadata["kept"]);
        Assert.Empty(node.View.Local.Tags);
    }

    [Fact]
    public async Task Only_what_changed_travels()
    {
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync(options => options.Metadata["large"] = new string('x', LargeValue));
        await cluster.AddAsync();
        await cluster.AddAsync();
        await cluster.FormedAsync();
        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, a).Metadata.ContainsKey("large"));
        await cluster.QuietAsync();

        var before = BytesSent();
        await a.SetMetadataAsync("small", 1, Token);
        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, a).Metadata.ContainsKey("small"));
        Assert.InRange(BytesSent() - before, 1, MuchLess);

        long BytesSent() => cluster.Nodes.Sum(node =>
            node.RuntimeOrNull!.Sockets.Counters.DatagramBytesOut.Value + node.RuntimeOrNull!.Sockets.Counters.FrameBytesOut.Value);
    }

    [Fact]
    public async Task Nothing_is_told_again_once_all_know_it()
    {
        await using var cluster = new LocalCluster();
        for (var i = 0; i < 3; i++)
        {
            await cluster.AddAsync(options => options.Metadata["text"] = new string('x', 2 * SmallPacket));
        }

        await cluster.FormedAsync();
        await cluster.UntilAllAsync(node => cluster.Nodes.All(other => LocalCluster.Sees(node, other).Metadata.ContainsKey("text")));
        await cluster.QuietAsync();

        foreach (var node in cluster.Nodes)
        {
            var counters = node.RuntimeOrNull!.Sockets.Counters;
            var (datagrams, bytes) = (counters.DatagramsOut.Value, counters.DatagramBytesOut.Value);
            await Awaiting.UntilAsync(() => counters.DatagramsOut.Value - datagrams >= ManyDatagrams);
            Assert.InRange((counters.DatagramBytesOut.Value - bytes) / (double)(counters.DatagramsOut.Value - datagrams), 1, SmallPacket);
        }
    }

    [Fact]
    public async Task Two_nodes_have_nothing_left_to_tell_each_other()
    {
        await using var cluster = await LocalCluster.StartAsync(2);

        await cluster.QuietAsync();
        Assert.All(cluster.Nodes, node => Assert.Equal(2, node.View.Present.Count()));
    }
}
