using System.Threading.Channels;

namespace Gossip.Transport;

/// <summary>One side of a connection on an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryConnection(long id, InMemoryTransport owner, NodeEndpoint remoteEndpoint) : ITransportConnection
{
    /// <summary>How many frames may wait for a receiver.</summary>
    private const int QueueLength = 1024;

    private readonly Channel<byte[]> _inbox = Channel.CreateBounded<byte[]>(QueueLength);
    private object _peer = default(NodeEndpoint);
    private InMemoryConnection? _remote;

    public long Id => id;

    public NodeEndpoint RemoteEndpoint => remoteEndpoint;

    public NodeEndpoint Peer
    {
        get => (NodeEndpoint)Volatile.Read(ref _peer);
        set => Volatile.Write(ref _peer, value);
    }

    /// <summary>Where this side's frames go.</summary>
    public ChannelWriter<byte[]> Outbox => _remote!._inbox.Writer;

    public static void Join(InMemoryConnection dialled, InMemoryConnection accepted)
    {
        dialled._remote = accepted;
        accepted._remote = dialled;
    }

    public bool TrySend(ReadOnlySpan<byte> packet) => Outbox.TryWrite(packet.ToArray());

    public void Close(Exception? error)
    {
        Outbox.TryComplete(error);
        _inbox.Writer.TryComplete(error);
    }

    /// <summary>Hands frames up until either side closes.</summary>
    public async Task RunAsync(ITransportSink sink, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await foreach (var packet in _inbox.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await sink.OnFrameAsync(this, packet, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            failure = cancellationToken.IsCancellationRequested ? null : error;
        }

        Close(failure);
        owner.Forget(this);
        sink.OnDisconnected(this, failure);
    }
}
