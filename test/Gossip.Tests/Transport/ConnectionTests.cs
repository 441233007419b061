using System.Net.Sockets;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class ConnectionTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_dial_to_a_closed_port_gives_every_frame_back_and_the_next_send_dials_anew()
    {
        await using var node = LoopbackNode.Start();
        var gone = LoopbackNode.Start();
        var to = gone.Endpoint;
        await gone.DisposeAsync();

        // A dial may end between two frames, and the second then dials for itself: either way both come back.
        for (byte i = 0; i < 2; i++)
        {
            Assert.True(node.Transport.TrySendFrame(to, [i]));
        }

        for (byte i = 0; i < 2; i++)
        {
            var (peer, packet, error) = await node.Sink.Undeliverable.NextAsync();
            Assert.Equal(to, peer);
            Assert.Equal([i], packet);
            Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(error).SocketErrorCode);
        }

        Assert.False(node.Sink.Disconnects.Reader.TryRead(out _));
        await using var back = LoopbackNode.Start(options => options with { BindEndpoint = to });
        await Awaiting.UntilAsync(() =>
            node.Transport.TrySendFrame(to, [7]) && back.Counters.FramesIn.Value > 0);
    }

    [Fact]
    public async Task A_bound_connection_carries_frames_to_the_peer_without_a_dial()
    {
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start();
        one.Transport.TrySendFrame(other.Endpoint, [1]);
        var (accepted, _) = await other.Sink.Frames.NextAsync();

        other.Transport.BindConnection(accepted, one.Endpoint);
        Assert.Equal(one.Endpoint, accepted.Peer);
        Assert.True(other.Transport.TrySendFrame(one.Endpoint, [2]));

        Assert.Equal([2], (await one.Sink.Frames.NextAsync()).Packet);
        Assert.Equal(0, one.Counters.ConnectionsAccepted.Value);
        Assert.Equal(0, other.Counters.ConnectionsDialled.Value);
    }

    [Fact]
    public async Task A_peer_known_by_two_addresses_needs_one_connection()
    {
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start(options => options with { BindEndpoint = NodeEndpoint.FromIpv4(0, 0) });
        var dialled = NodeEndpoint.FromIpv4(0x7F000001, other.Endpoint.Port);
        var advertised = NodeEndpoint.FromIpv4(0x7F000002, other.Endpoint.Port);
        one.Transport.TrySendFrame(dialled, [1]);
        var (accepted, _) = await other.Sink.Frames.NextAsync();
        accepted.TrySend([2]);
        var (connection, _) = await one.Sink.Frames.NextAsync();

        one.Transport.BindConnection(connection, advertised);
        one.Transport.TrySendFrame(advertised, [3]);
        one.Transport.TrySendFrame(dialled, [4]);

        Assert.Equal((accepted.Id, 3), await NextAsync(other));
        Assert.Equal((accepted.Id, 4), await NextAsync(other));
        Assert.Equal(1, one.Counters.ConnectionsDialled.Value);
    }

    [Fact]
    public async Task When_both_dial_both_connections_stay_readable_and_one_takes_over_for_the_other()
    {
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start();
        one.Transport.TrySendFrame(other.Endpoint, [1]);
        other.Transport.TrySendFrame(one.Endpoint, [2]);
        var (atOther, _) = await other.Sink.Frames.NextAsync();
        var (atOne, _) = await one.Sink.Frames.NextAsync();
        one.Transport.BindConnection(atOne, other.Endpoint);
        other.Transport.BindConnection(atOther, one.Endpoint);

        // Each goes on with the connection it dialled.
        one.Transport.TrySendFrame(other.Endpoint, [3]);
        other.Transport.TrySendFrame(one.Endpoint, [4]);
        Assert.Equal((atOther.Id, 3), await NextAsync(other));
        Assert.Equal((atOne.Id, 4), await NextAsync(one));

        // The connection that one dialled breaks: the one it accepted carries on.
        atOther.Close(new IOException("cut"));
        await one.Sink.Disconnects.NextAsync();
        one.Transport.TrySendFrame(other.Endpoint, [5]);
        var (connection, packet) = await other.Sink.Frames.NextAsync();
        Assert.Equal([5], packet);
        Assert.Equal(one.Endpoint, connection.Peer);
        Assert.Equal(1, one.Counters.ConnectionsDialled.Value);
        Assert.Equal(1, other.Counters.ConnectionsDialled.Value);
    }

    [Fact]
    public async Task Many_frames_sent_by_both_sides_at_once_all_arrive()
    {
        const int count = 500;
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start();
        await Task.WhenAll(
            Parallel.ForAsync(0, count, async (_, token) => await one.Transport.SendFrameAsync(other.Endpoint, new byte[100], token)),
            Parallel.ForAsync(0, count, async (_, token) => await other.Transport.SendFrameAsync(one.Endpoint, new byte[100], token))).InTime();

        for (var i = 0; i < count; i++)
        {
            await one.Sink.Frames.NextAsync();
            await other.Sink.Frames.NextAsync();
        }
    }

    [Fact]
    public async Task A_close_in_order_delivers_what_is_queued_on_both_sides_and_reports_once()
    {
        await using var one = LoopbackNode.Start();
        await using var other = LoopbackNode.Start();
        one.Transport.TrySendFrame(other.Endpoint, [1]);
        var (accepted, _) = await other.Sink.Frames.NextAsync();
        for (byte i = 0; i < 100; i++)
        {
            Assert.True(accepted.TrySend([i]));
        }

        accepted.Close(null);

        Assert.False(accepted.TrySend([1]));
        for (byte i = 0; i < 100; i++)
        {
            Assert.Equal([i], (await one.Sink.Frames.NextAsync()).Packet);
        }

        Assert.Equal((accepted, null), await other.Sink.Disconnects.NextAsync());
        Assert.Null((await one.Sink.Disconnects.NextAsync()).Error);
        Assert.False(other.Sink.Disconnects.Reader.TryRead(out _));
        Assert.False(other.Sink.Undeliverable.Reader.TryRead(out _));
        Assert.Equal(0, other.Counters.ConnectionsOpen);
    }

    [Fact]
    public async Task A_handler_that_fails_or_hangs_ends_with_its_connection_only()
    {
        await using var node = LoopbackNode.Start();
        await using var failing = LoopbackNode.Start();
        await using var hanging = LoopbackNode.Start();
        node.Sink.Handler = async (connection, token) =>
        {
            if (connection.Id == 1)
            {
                throw new InvalidOperationException("handler");
            }

            await Task.Delay(Timeout.Infinite, token);
        };

        failing.Transport.TrySendFrame(node.Endpoint, [1]);
        await node.Sink.Frames.NextAsync();
        var (_, error) = await node.Sink.Disconnects.NextAsync();
        Assert.IsType<InvalidOperationException>(error);

        hanging.Transport.TrySendFrame(node.Endpoint, [2]);
        var (connection, _) = await node.Sink.Frames.NextAsync();
        var cause = new IOException("enough");
        connection.Close(cause);
        Assert.Equal((connection, cause), await node.Sink.Disconnects.NextAsync());
    }

    [Fact]
    public async Task An_idle_connection_closes_in_order_and_is_dialled_again_on_demand()
    {
        await using var one = LoopbackNode.Start(options => options with { IdleTimeout = Short });
        await using var other = LoopbackNode.Start();
        one.Transport.TrySendFrame(other.Endpoint, [1]);

        Assert.Null((await one.Sink.Disconnects.NextAsync()).Error);
        Assert.Null((await other.Sink.Disconnects.NextAsync()).Error);

        one.Transport.TrySendFrame(other.Endpoint, [2]);
        Assert.Equal([1], (await other.Sink.Frames.NextAsync()).Packet);
        Assert.Equal([2], (await other.Sink.Frames.NextAsync()).Packet);
        Assert.Equal(2, one.Counters.ConnectionsDialled.Value);
    }

    [Fact]
    public async Task An_extra_connection_closes_early_and_the_used_one_stays()
    {
        await using var one = LoopbackNode.Start(options => options with { ExtraIdleTimeout = Short });
        await using var other = LoopbackNode.Start();
        one.Transport.TrySendFrame(other.Endpoint, [1]);
        other.Transport.TrySendFrame(one.Endpoint, [2]);
        var (extra, _) = await one.Sink.Frames.NextAsync();
        one.Transport.BindConnection(extra, other.Endpoint);

        Assert.Equal((extra, null), await one.Sink.Disconnects.NextAsync());
        Assert.Equal(1, one.Counters.ConnectionsOpen);
    }

    private static async Task<(long Connection, byte First)> NextAsync(LoopbackNode node)
    {
        var (connection, packet) = await node.Sink.Frames.NextAsync();
        return (connection.Id, packet[0]);
    }
}
