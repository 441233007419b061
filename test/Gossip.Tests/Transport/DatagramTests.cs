using System.Net;
using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class DatagramTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "::1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    public async Task A_datagram_and_its_answer_arrive(string bind, string dial)
    {
        LoopbackNode.SkipWithoutIpv6(bind, dial);
        await using var one = LoopbackNode.Start(options => options with { BindEndpoint = NodeEndpoint.From(IPAddress.Parse(bind), 0) });
        await using var other = LoopbackNode.Start(options => options with { BindEndpoint = NodeEndpoint.From(IPAddress.Parse(dial), 0) });
        var dialled = NodeEndpoint.From(IPAddress.Parse(dial), one.Endpoint.Port);
        var packet = FrameDecoderTests.RandomPacket(new Random(1), 1400);

        other.Transport.TrySendDatagram(dialled, packet);
        var (from, received) = await one.Sink.Datagrams.NextAsync();
        Assert.Equal(other.Endpoint, from);
        Assert.Equal(packet, received);

        one.Transport.TrySendDatagram(from, [1, 2, 3]);
        (from, received) = await other.Sink.Datagrams.NextAsync();
        Assert.Equal(dialled, from);
        Assert.Equal([1, 2, 3], received);
        Assert.Equal(1, one.Counters.DatagramsIn.Value);
        Assert.Equal(1400, one.Counters.DatagramBytesIn.Value);
        Assert.Equal(1, one.Counters.DatagramsOut.Value);
        Assert.Equal(3, one.Counters.DatagramBytesOut.Value);
        Assert.False(one.Sink.SendFailures.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_datagram_over_the_limit_is_dropped_and_counted()
    {
        await using var node = LoopbackNode.Start();

        node.Transport.TrySendDatagram(node.Endpoint, new byte[1401]);
        node.Transport.TrySendDatagram(node.Endpoint, [1]);

        Assert.Equal([1], (await node.Sink.Datagrams.NextAsync()).Packet);
        Assert.Equal(1, node.Counters.Oversize.Value);
        Assert.Equal(1, node.Counters.DatagramsDropped.Value);
    }

    [Fact]
    public async Task A_send_that_the_host_refuses_is_reported()
    {
        await using var node = LoopbackNode.Start();
        var forbidden = LoopbackBroadcast(); // no socket may broadcast that was not allowed to

        Assert.False(node.Transport.TrySendDatagram(forbidden, [1]));

        var (to, error) = await node.Sink.SendFailures.NextAsync();
        Assert.Equal(forbidden, to);
        Assert.IsAssignableFrom<SocketException>(error);
        Assert.Equal(1, node.Counters.DatagramsDropped.Value);
    }

    private static NodeEndpoint LoopbackBroadcast()
    {
        Skipping.Unless(OperatingSystem.IsLinux(), "Only Linux is known to refuse a broadcast on the loopback network, which is the one error of the host that a test can cause without sending anything.");
        return NodeEndpoint.From(IPAddress.Parse("127.255.255.255"), 7000);
    }

    [Fact]
    public async Task An_address_out_of_reach_is_no_evidence_about_this_host()
    {
        await using var node = LoopbackNode.Start();
        var unreachable = NodeEndpoint.From(IPAddress.Parse("2001:db8::1"), 7000); // from an IPv4 socket
        var forbidden = LoopbackBroadcast();

        Assert.False(node.Transport.TrySendDatagram(unreachable, [1]));
        Assert.False(node.Transport.TrySendDatagram(forbidden, [1]));

        // Failures are reported in order, so had the first been reported, it would come first.
        var (to, _) = await node.Sink.SendFailures.NextAsync();
        Assert.Equal(forbidden, to);
        Assert.Equal(2, node.Counters.DatagramsDropped.Value);
    }

    [Fact]
    public async Task Datagrams_to_a_closed_port_disturb_nothing()
    {
        await using var node = LoopbackNode.Start();
        var gone = LoopbackNode.Start();
        await gone.DisposeAsync();

        for (var i = 0; i < 100; i++)
        {
            node.Transport.TrySendDatagram(gone.Endpoint, [1]);
        }

        node.Transport.TrySendDatagram(node.Endpoint, [2]);
        Assert.Equal([2], (await node.Sink.Datagrams.NextAsync()).Packet);
        Assert.False(node.Sink.SendFailures.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Without_udp_a_datagram_travels_as_a_frame()
    {
        await using var one = LoopbackNode.Start(options => options with { StreamOnly = true });
        await using var other = LoopbackNode.Start(options => options with { StreamOnly = true });

        one.Transport.TrySendDatagram(other.Endpoint, [1, 2]);

        Assert.Equal([1, 2], (await other.Sink.Frames.NextAsync()).Packet);
    }

    [Fact]
    public async Task Sending_allocates_nothing_per_datagram()
    {
        await using var node = LoopbackNode.Start();
        using var mute = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        mute.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var to = NodeEndpoint.From((IPEndPoint)mute.LocalEndPoint!);
        var packet = new byte[64];
        node.Transport.TrySendDatagram(to, packet);

        const int count = 100;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++)
        {
            node.Transport.TrySendDatagram(to, packet);
        }

        // A tier change of the JIT may allocate once; one small object per datagram would be 2400 bytes and more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, count * 20);
    }
}
