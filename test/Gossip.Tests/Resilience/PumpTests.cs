using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

public sealed class PumpTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_control_frame_that_no_engine_sends_closes_its_connection()
    {
        var options = TestNodes.Options('a') with { BroadcastWindow = TimeSpan.Zero };
        await using var pump = new Pump(new KeptTransport(), options, new ScriptedOwner(), TimeProvider.System);
        var largest = PacketComposer.MaxFrameSize(options);
        var (well, bad) = (new KeptConnection(1), new KeptConnection(2));

        await pump.OnFrameAsync(well, Frame(largest), Cancellation);
        await pump.OnFrameAsync(bad, Frame(largest + 1), Cancellation);

        Assert.Null(well.Closed);
        Assert.IsType<InvalidDataException>(bad.Closed);
        Assert.Equal(1, pump.QueueLength);
    }

    [Fact]
    public async Task Of_frames_with_large_broadcasts_few_wait_at_once()
    {
        const int Slots = 4;
        var options = TestNodes.Options('a');
        await using var pump = new Pump(new KeptTransport(), options, new ScriptedOwner(), TimeProvider.System);
        var large = Frame(PacketComposer.MaxFrameSize(options) + 1);
        using var connectionEnds = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        for (var i = 0; i < Slots; i++)
        {
            await pump.OnFrameAsync(new KeptConnection(i + 1), large, connectionEnds.Token).AsTask().InTime();
        }

        var further = pump.OnFrameAsync(new KeptConnection(Slots + 1), large, connectionEnds.Token).AsTask();
        Assert.False(further.IsCompleted); // the reader of that connection waits, and reads no more
        await pump.OnFrameAsync(new KeptConnection(Slots + 2), Frame(100), connectionEnds.Token).AsTask().InTime();
        Assert.Equal(Slots + 1, pump.QueueLength);

        pump.Start();
        await further.InTime();
    }

    [Fact]
    public async Task Only_a_real_death_closes_a_members_connections()
    {
        var transport = new KeptTransport();
        await using var pump = new Pump(transport, TestNodes.Options('a'), new ScriptedOwner(), TimeProvider.System);
        var connection = new KeptConnection(1);
        transport.Connections.Add(connection);
        pump.Start();
        await pump.CallAsync(
            (engine, now) =>
            {
                engine.Start(now, joining: false);
                return true;
            },
            Cancellation);
        await SayAsync(TestNodes.Says('b', MemberState.Alive));
        Assert.Equal(TestNodes.Endpoint('b'), connection.Peer);

        // Somebody invented at the same endpoint lives and dies.
        await SayAsync(TestNodes.Says('z', MemberState.Alive) with { Endpoint = TestNodes.Endpoint('b') });
        await SayAsync(TestNodes.Says('z', MemberState.Dead) with { Endpoint = TestNodes.Endpoint('b') });
        Assert.Null(connection.Closed);

        await SayAsync(TestNodes.Says('b', MemberState.Dead));
        Assert.IsType<IOException>(connection.Closed);

        async Task SayAsync(MemberStatement statement)
        {
            await pump.OnFrameAsync(connection, TestPacket.Of(TestNodes.Instance('b'), (ref WireWriter writer) => statement.Write(ref writer)), Cancellation);
            await pump.CallAsync((_, _) => true, Cancellation).InTime();
        }
    }

    [Fact]
    public async Task Frames_that_were_given_up_leave_their_places()
    {
        const int attempts = 1000; // many more than frames may wait
        var options = TestNodes.Options('a');
        await using var pump = new Pump(new KeptTransport(), options, new ScriptedOwner(), TimeProvider.System);
        var connection = new KeptConnection(1);
        while (pump.DatagramsDropped == 0)
        {
            pump.OnDatagram(TestNodes.Endpoint('b'), Frame(PacketHeader.Size));
        }

        for (var i = 0; i < attempts; i++)
        {
            using var closed = new CancellationTokenSource();
            var waiting = pump.OnFrameAsync(connection, Frame(PacketHeader.Size), closed.Token);
            Assert.False(waiting.IsCompleted);
            await closed.CancelAsync();
            await waiting.AsTask().InTime();
        }

        pump.Start();
        await pump.OnFrameAsync(connection, Frame(PacketHeader.Size), Cancellation).AsTask().InTime();
    }

    [Fact]
    public async Task Whoever_waits_is_told_when_the_pump_fails()
    {
        var owner = new ScriptedOwner { ViewChanged = _ => throw new NotSupportedException() };
        await using var pump = new Pump(new KeptTransport(), TestNodes.Options('a'), owner, TimeProvider.System);
        var cause = pump.CallAsync(
            (engine, now) =>
            {
                engine.Start(now, joining: false);
                return true;
            },
            Cancellation);
        var waiting = Enumerable.Range(0, 200).Select(_ => pump.CallAsync((_, _) => true, Cancellation)).ToArray(); // more than are handled at once
        pump.Start();

        Assert.IsType<NotSupportedException>(await owner.Failure.Task.InTime());
        foreach (var call in waiting.Prepend(cause))
        {
            await Assert.ThrowsAsync<GossipStateException>(() => call.InTime());
        }

        await Assert.ThrowsAsync<GossipStateException>(() => pump.CallAsync((_, _) => true, Cancellation).InTime());
    }

    private static byte[] Frame(int size)
    {
        var frame = new byte[size];
        TestPacket.Of(TestNodes.Instance('b'), (ref WireWriter _) => { }).CopyTo(frame, 0);
        return frame;
    }
}
