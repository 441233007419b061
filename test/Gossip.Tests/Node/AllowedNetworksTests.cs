using System.Net.Sockets;
using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>What comes from outside of the allowed networks is dropped before it is read.</summary>
public sealed class AllowedNetworksTests
{
    private const string Elsewhere = "203.0.113.0/24";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nodes_within_the_networks_form_a_cluster(bool tcpOnly)
    {
        await using var a = await LiveNodes.StartAsync(options => Allow(options, "127.0.0.0/8"));
        await using var b = await LiveNodes.StartAsync(a, options => Allow(options, "::/0"));

        Assert.Equal(0, a.Gate.Refused + b.Gate.Refused);

        void Allow(GossipOptions options, string network)
        {
            options.AllowedNetworks.Add(Elsewhere);
            options.AllowedNetworks.Add(network);
            options.TcpOnly = tcpOnly;
        }
    }

    [Fact]
    public async Task Whoever_comes_from_elsewhere_is_not_heard_counted_and_logged_once()
    {
        var logs = new LogLines();
        var options = LiveNodes.Options(options => options.AllowedNetworks.Add(Elsewhere));
        await using var node = await GossipNode.StartAsync(options, logs, cancellationToken: Cancellation);
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        for (var i = 0; i < 20; i++)
        {
            await stranger.SendToAsync(new byte[] { 1, 2, 3 }, node.View.Local.Address, Cancellation);
        }

        await Awaiting.UntilAsync(() => node.Gate.Refused >= 20);
        using var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await connection.ConnectAsync(node.View.Local.Address, Cancellation);
        Assert.Equal(0, await connection.ReceiveAsync(new byte[1], Cancellation).AsTask().InTime()); // closed, without a word
        await Awaiting.UntilAsync(() => node.Gate.Refused >= 21);

        Assert.Equal(1, logs.Count("was dropped unread"));
        Assert.Contains("AllowedNetworks", await logs.FirstAsync("was dropped unread"), StringComparison.Ordinal);
        Assert.Equal(0, node.Runtime.Sockets.Counters.ConnectionsAccepted.Value);
    }
}
