using Gossip.Transport;

namespace Gossip.Tests.Performance;

/// <summary>
/// A socket transport that adds up what the thread that reads datagrams allocates from one datagram to the next: whatever the sockets, the seal, the
/// pump and the engine do there.
/// </summary>
internal sealed class ReaderMeter(SocketTransport inner) : ITransport, ITransportSink
{
    private ITransportSink? _sink;
    private Counter _datagrams;
    private Counter _allocated;
    private long _before = -1;

    public long Datagrams => _datagrams.Value;

    public long Allocated => _allocated.Value;

    public NodeEndpoint LocalEndpoint => inner.LocalEndpoint;

    public bool StreamOnly => inner.StreamOnly;

    public void Start(ITransportSink sink)
    {
        _sink = sink;
        inner.Start(this);
    }

    public void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet)
    {
        var now = GC.GetAllocatedBytesForCurrentThread();
        _allocated.Add(_before < 0 ? 0 : now - _before);
        _datagrams.Add();
        _before = now;
        _sink!.OnDatagram(from, packet);
    }

    public TimeSpan Patience(TimeSpan longest) => _sink!.Patience(longest);

    public void OnQuiet() => _sink!.OnQuiet();

    public ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) =>
        _sink!.OnFrameAsync(connection, packet, cancellationToken);

    public void OnDisconnected(ITransportConnection connection, Exception? error) => _sink!.OnDisconnected(connection, error);

    public void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error) => _sink!.OnFrameUndeliverable(to, packet, error);

    public void OnDatagramSendFailed(in NodeEndpoint to, Exception error) => _sink!.OnDatagramSendFailed(to, error);

    public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet) => inner.TrySendDatagram(to, packet);

    public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => inner.TrySendFrame(to, packet);

    public ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) =>
        inner.SendFrameAsync(to, packet, cancellationToken);

    public void BindConnection(ITransportConnection connection, in NodeEndpoint peer) => inner.BindConnection(connection, peer);

    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason) => inner.Disconnect(peer, keep, reason);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
