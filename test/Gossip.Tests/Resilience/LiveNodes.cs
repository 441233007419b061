using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>Real nodes on loopback with the fastest timing.</summary>
internal static class LiveNodes
{
    public static GossipOptions Options(Action<GossipOptions>? change = null)
    {
        var options = new GossipOptions { BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
        change?.Invoke(options);
        return options;
    }

    public static Task<GossipNode> StartAsync(Action<GossipOptions>? change = null) =>
        GossipNode.StartAsync(Options(change), cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Starts a node that joins through another, and waits until they know each other.</summary>
    public static async Task<GossipNode> StartAsync(GossipNode seed, Action<GossipOptions>? change = null)
    {
        var node = await StartAsync(options =>
        {
            options.Seeds.Add(seed.Address());
            change?.Invoke(options);
        });
        await seed.SeesAsync(node.Id, MemberState.Alive);
        await node.SeesAsync(seed.Id, MemberState.Alive);
        return node;
    }

    public static string Address(this GossipNode node) => node.View.Local.Address.ToString();

    public static Task SeesAsync(this GossipNode node, NodeId id, MemberState state) =>
        Awaiting.UntilAsync(() => node.View.Find(id)?.State == state);
}
