using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Resilience;

/// <summary>A transport without a network: it keeps the frames that were sent, and closes what it is told to close.</summary>
internal sealed class KeptTransport : ITransport
{
    private readonly Lock _gate = new();
    private readonly List<NodeEndpoint> _frames = [];

    public NodeEndpoint LocalEndpoint => default;

    public bool StreamOnly => false;

    /// <summary>Called after a frame was kept.</summary>
    public Action<NodeEndpoint> Sent { get; set; } = _ => { };

    public List<KeptConnection> Connections { get; } = [];

    /// <summary>To whom frames were sent, in order.</summary>
    public NodeEndpoint[] FramesTo
    {
        get
        {
            lock (_gate)
            {
                return [.. _frames];
            }
        }
    }

    public void Start(ITransportSink sink)
    {
    }

    public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet) => true;

    public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            _frames.Add(to);
        }

        Sent(to);
        return true;
    }

    public ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void BindConnection(ITransportConnection connection, in NodeEndpoint peer) => ((KeptConnection)connection).Peer = peer;

    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason)
    {
        foreach (var connection in Connections)
        {
            if (connection.Peer == peer && !keep(connection))
            {
                connection.Close(reason);
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A connection that only knows whether it was closed.</summary>
internal sealed class KeptConnection(long id) : ITransportConnection
{
    public long Id => id;

    public NodeEndpoint Peer { get; set; }

    public NodeEndpoint RemoteEndpoint => Peer;

    public Exception? Closed { get; private set; }

    public bool TrySend(ReadOnlySpan<byte> packet) => Closed is null;

    public void Close(Exception? error) => Closed = error;
}

/// <summary>An owner that does what a test says.</summary>
internal sealed class ScriptedOwner : IPumpOwner
{
    public Action<EngineEvent> Event { get; set; } = _ => { };

    public Action<GossipEngine> ViewChanged { get; set; } = _ => { };

    public TaskCompletionSource<Exception> Failure { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void OnDataPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection? connection)
    {
    }

    public void OnDataUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
    }

    public void OnEngineEvent(in EngineEvent engineEvent) => Event(engineEvent);

    public void OnViewChanged(GossipEngine engine) => ViewChanged(engine);

    public void OnPumpFailed(Exception error) => Failure.SetResult(error);
}
