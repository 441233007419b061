using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Sealing;

/// <summary>A sealed transport over a transport that hands each datagram straight back, so that sealing and opening run on the test's thread.</summary>
public sealed class SealAllocationTests
{
    [Fact]
    public async Task Neither_sealing_nor_opening_a_datagram_allocates()
    {
        const int Datagrams = 10_000;
        await using var mirror = new Mirror();
        var sink = new Tally();
        var packet = SealBench.Packet(GoldenPackets.A, 1200);
        var transport = new SealedTransport(
            mirror, new GossipKeys(KeyRing.Parse([SealBench.Key])), new SealScope("orders", "eu"), new SealCapacity(16, 16), sink, TimeProvider.System);
        transport.Start(sink);
        Send(transport, packet, 100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Send(transport, packet, Datagrams);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(100 + Datagrams, sink.Count);
        Assert.Equal(0, allocated);
    }

    private static void Send(SealedTransport transport, byte[] packet, int count)
    {
        for (var i = 0; i < count; i++)
        {
            transport.TrySendDatagram(NodeEndpoint.FromIpv4(1, 1), packet);
        }
    }

    private sealed class Mirror : ITransport
    {
        private ITransportSink? _sink;

        public NodeEndpoint LocalEndpoint => default;

        public bool StreamOnly => false;

        public void Start(ITransportSink sink) => _sink = sink;

        public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet)
        {
            _sink!.OnDatagram(to, packet);
            return true;
        }

        public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => false;

        public ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) => default;

        public void BindConnection(ITransportConnection connection, in NodeEndpoint peer)
        {
        }

        public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason)
        {
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Tally : ITransportSink, ISealedTransportOwner
    {
        public int Count { get; private set; }

        public void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet) => Count++;

        public ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) => default;

        public void OnDisconnected(ITransportConnection connection, Exception? error)
        {
        }

        public void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error)
        {
        }

        public void OnDatagramSendFailed(in NodeEndpoint to, Exception error)
        {
        }

        public void OnRefused(in NodeEndpoint from, SealVerdict verdict, byte keyId)
        {
        }

        public void OnNotUnderstood(in NodeEndpoint from, byte keyId)
        {
        }

        public void OnKeyMismatch(in NodeEndpoint dialled)
        {
        }
    }
}
