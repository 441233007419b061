using Gossip.Tests.Sealing;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>The layer that opens sealed packets, under mutated ones, and under refusals that anybody can write.</summary>
public sealed class SealMutationTests
{
    /// <summary>A cipher and the derivation of its key, for whoever is not known; a stranger's connection is remembered while it lasts. A collection can add 8 KiB, what the thread had in reserve.</summary>
    private const long OpeningBound = 16 * 1024;

    private static readonly NodeInstance Member = GoldenPackets.A;

    [Theory]
    [InlineData((int)SealPath.Datagram)]
    [InlineData((int)SealPath.Stream)]
    public void No_mutated_packet_opens_and_none_leaves_a_trace(int path)
    {
        using var bench = new SealBench((SealPath)path);
        var ring = SealBench.Ring(SealBench.Key);
        byte[][] golden = [.. Enumerable.Range(0, 8).Select(i => bench.Seal(SealBench.Packet(Member, i * 30)))];
        var buffer = new byte[64 * 1024];
        foreach (var packet in golden)
        {
            Assert.Equal(SealVerdict.Opened, bench.Open(packet)); // from now on each is a replay
        }

        Fuzz.Run($"seal opener, path {path}", golden, OpeningBound, 0, input =>
        {
            if (PacketHeader.TryRead(input, out var header))
            {
                Assert.True(bench.Opener.Open(ring, header, input, buffer) != SealVerdict.Opened);
                Assert.True(bench.Opener.SessionCount == 1);
            }
        });

        Assert.Equal(SealVerdict.Opened, bench.Open(bench.Seal(SealBench.Packet(Member))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_that_is_not_sealed_well_gets_past_the_transport(bool stream)
    {
        using var bench = new SealBench(stream ? SealPath.Stream : SealPath.Datagram);
        var wire = new DeadWire();
        var above = new Above();
        await using var transport = new SealedTransport(
            wire, new GossipKeys(SealBench.Ring(SealBench.Key)), new SealScope("orders", "eu"), new SealCapacity(16, 16), above, TimeProvider.System);
        transport.Start(above);
        var refusal = new byte[PacketHeader.Size];
        RefusalHeader.Write(refusal);
        byte[][] replayed = [bench.Seal(SealBench.Packet(Member)), bench.Seal(SealBench.Packet(Member, 300))];
        foreach (var packet in replayed)
        {
            if (stream)
            {
                await transport.OnFrameAsync(wire.Dialled, packet, TestContext.Current.CancellationToken);
            }
            else
            {
                transport.OnDatagram(GoldenPackets.EndpointA, packet);
            }
        }

        Assert.Equal(replayed.Length, above.Packets);
        byte[][] golden = [.. replayed, refusal, GoldenPackets.Ping(), GoldenPackets.JoinRequest()];
        var copy = new byte[64 * 1024];
        Fuzz.Run($"sealed transport, stream: {stream}", golden, OpeningBound, 0, input =>
        {
            if (!stream)
            {
                transport.OnDatagram(GoldenPackets.EndpointA, input);
                return;
            }

            input.CopyTo(copy);
            var handing = transport.OnFrameAsync(wire.Dialled, copy.AsMemory(0, input.Length), CancellationToken.None);
            Assert.True(handing.IsCompletedSuccessfully);
        });

        Assert.Equal(replayed.Length, above.Packets); // a frame without a header goes up to be refused, and is counted apart
        Assert.Equal(stream, above.Mismatches > 0); // what a refusal does: it explains
        Assert.True(above.Refusals > 0);
    }

    private sealed class DeadWire : ITransport
    {
        public DeadConnection Dialled { get; } = new();

        public NodeEndpoint LocalEndpoint => GoldenPackets.EndpointB;

        public bool StreamOnly => false;

        public void Start(ITransportSink sink)
        {
        }

        public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet) => true;

        public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => true;

        public ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) => default;

        public void BindConnection(ITransportConnection connection, in NodeEndpoint peer)
        {
        }

        public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason)
        {
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class DeadConnection : ITransportConnection
    {
        public long Id => 1;

        public NodeEndpoint Peer => GoldenPackets.EndpointA;

        public NodeEndpoint RemoteEndpoint => GoldenPackets.EndpointA;

        public bool TrySend(ReadOnlySpan<byte> packet) => true;

        public void Close(Exception? error)
        {
        }
    }

    private static PacketHeader RefusalHeader => new(PacketHeader.CurrentVersion, PacketKind.Refusal, 0, GoldenPackets.Cluster, GoldenPackets.B);

    /// <summary>The layers above: they count what reaches them.</summary>
    private sealed class Above : ITransportSink, ISealedTransportOwner
    {
        public int Packets { get; private set; }

        public int Refusals { get; private set; }

        public int Mismatches { get; private set; }

        public void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet) => Packets++;

        public ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
        {
            // What has no header cannot be told from any other noise, and is handed up to end its connection.
            Packets += PacketHeader.TryRead(packet.Span, out _) ? 1 : 0;
            return default;
        }

        public void OnDisconnected(ITransportConnection connection, Exception? error)
        {
        }

        public void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error)
        {
        }

        public void OnDatagramSendFailed(in NodeEndpoint to, Exception error)
        {
        }

        public void OnRefused(in NodeEndpoint from, SealVerdict verdict, byte keyId) => Refusals++;

        public void OnNotUnderstood(in NodeEndpoint from, byte keyId)
        {
        }

        public void OnKeyMismatch(in NodeEndpoint dialled) => Mismatches++;
    }
}
