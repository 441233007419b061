using System.Net;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class InMemoryTransportTests
{
    private static readonly NodeEndpoint A = NodeEndpoint.From(IPAddress.Loopback, 1);
    private static readonly NodeEndpoint B = NodeEndpoint.From(IPAddress.Loopback, 2);

    private readonly InMemoryNetwork _network = new(seed: 1);

    [Fact]
    public async Task Datagrams_frames_and_answers_arrive()
    {
        await using var a = Start(A, out var atA);
        await using var b = Start(B, out var atB);

        a.TrySendDatagram(B, [1]);
        var (from, packet) = await atB.Datagrams.NextAsync();
        Assert.Equal(A, from);
        Assert.Equal([1], packet);

        for (byte i = 0; i < 100; i++)
        {
            await a.SendFrameAsync(B, new[] { i }, TestContext.Current.CancellationToken);
        }

        ITransportConnection accepted = null!;
        for (byte i = 0; i < 100; i++)
        {
            (accepted, packet) = await atB.Frames.NextAsync();
            Assert.Equal([i], packet);
        }

        b.BindConnection(accepted, A);
        Assert.True(b.TrySendFrame(A, [2]));
        (var dialled, packet) = await atA.Frames.NextAsync();
        Assert.Equal([2], packet);
        Assert.Equal(B, dialled.Peer);
    }

    [Fact]
    public async Task A_cut_breaks_connections_until_it_heals()
    {
        await using var a = Start(A, out var atA);
        await using var b = Start(B, out var atB);
        a.TrySendFrame(B, [1]);
        await atB.Frames.NextAsync();

        _network.Cut(A, B);
        Assert.NotNull((await atA.Disconnects.NextAsync()).Error);
        Assert.NotNull((await atB.Disconnects.NextAsync()).Error);
        a.TrySendDatagram(B, [1]);
        Assert.True(a.TrySendFrame(B, [2]));
        Assert.Equal([2], (await atA.Undeliverable.NextAsync()).Packet);

        _network.Heal(A, B);
        a.TrySendFrame(B, [3]);
        Assert.Equal([3], (await atB.Frames.NextAsync()).Packet);
        Assert.False(atB.Datagrams.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Datagrams_drop_at_the_rate_asked_for()
    {
        await using var a = Start(A, out _);
        await using var b = Start(B, out var atB);
        _network.DropRate = 1;
        a.TrySendDatagram(B, [1]);
        _network.DropRate = 0;
        a.TrySendDatagram(B, [2]);

        Assert.Equal([2], (await atB.Datagrams.NextAsync()).Packet);
    }

    [Fact]
    public async Task Disposal_frees_the_endpoint()
    {
        var a = Start(A, out var atA);
        await using var b = Start(B, out _);
        b.TrySendFrame(A, [1]);
        await atA.Frames.NextAsync();
        Assert.Throws<GossipBindException>(() => _network.Bind(A));

        await a.DisposeAsync();

        Assert.Null((await atA.Disconnects.NextAsync()).Error);
        await using var again = Start(A, out _);
    }

    private InMemoryTransport Start(NodeEndpoint endpoint, out RecordingSink sink)
    {
        var transport = _network.Bind(endpoint);
        transport.Start(sink = new RecordingSink());
        return transport;
    }
}
