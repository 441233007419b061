using System.Net;
using System.Net.Sockets;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

public class TcpOnlyTests
{
    private const int ManyFrames = 20;

    [Fact]
    public async Task A_node_without_udp_takes_part_among_others_and_no_datagram_is_sent_to_it()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync();
        var second = await cluster.AddAsync();
        var closed = await cluster.AddAsync(options => options.TcpOnly = true);
        using var trap = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        trap.Bind(new IPEndPoint(IPAddress.Loopback, closed.View.Local.Address.Port));
        await cluster.FormedAsync();

        await closed.AddTagAsync("closed", TestContext.Current.CancellationToken);
        await second.AddTagAsync("open", TestContext.Current.CancellationToken);
        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, closed).HasTag("closed") && LocalCluster.Sees(node, second).HasTag("open"));

        // Probes go on over streams, in both directions.
        var counters = closed.RuntimeOrNull!.Sockets.Counters;
        await Awaiting.UntilAsync(() => counters.FramesIn.Value > ManyFrames && counters.FramesOut.Value > ManyFrames);
        Assert.Equal(0, trap.Available);
        Assert.True(first.View.Find(closed.Id)!.TcpOnly);
        Assert.All(cluster.Nodes, node => Assert.Equal(3, node.View.Present.Count()));
    }

    [Fact]
    public async Task The_death_of_a_node_without_udp_is_noticed()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var closed = await cluster.AddAsync(options => options.TcpOnly = true);
        await cluster.FormedAsync();
        await cluster.KillAsync(closed);

        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, closed).State == MemberState.Dead);
    }
}
