using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>What the tests of streams do again and again.</summary>
internal static class StreamTesting
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static (GossipNode A, GossipNode B) Pair(this LocalCluster cluster) => (cluster.Nodes.First(), cluster.Nodes.Last());

    public static Task<GossipStream> OpenAsync(this GossipNode node, GossipNode to, int type, StreamOptions? options = null) =>
        node.Streams.OpenAsync(to.Id, type, options, Token);

    /// <summary>Reads to the end of what the other side sends.</summary>
    public static async Task<byte[]> ReadAllAsync(this GossipStream stream)
    {
        var content = new MemoryStream();
        await stream.Input.CopyToAsync(content, Token);
        return content.ToArray();
    }

    /// <summary>Waits until no node keeps anything of any stream.</summary>
    public static Task NothingLeftAsync(this LocalCluster cluster) => cluster.UntilAllAsync(node => node.Streams.Kept == 0);

    /// <summary>What a read fails with.</summary>
    public static async Task<StreamAbortedException> FailsAsync(this GossipStream stream) =>
        await Assert.ThrowsAsync<StreamAbortedException>(() => stream.ReadAllAsync().InTime());
}
