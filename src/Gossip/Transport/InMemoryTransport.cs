using System.Net.Sockets;
using System.Threading.Channels;

namespace Gossip.Transport;

/// <summary>A node's place on an <see cref="InMemoryNetwork"/>.</summary>
internal sealed class InMemoryTransport(InMemoryNetwork network, NodeEndpoint endpoint) : ITransport
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeEndpoint, InMemoryConnection> _used = [];
    private readonly Dictionary<InMemoryConnection, Task> _running = [];
    private readonly CancellationTokenSource _stop = new();
    private ITransportSink? _sink;

    public NodeEndpoint LocalEndpoint => endpoint;

    public bool StreamOnly => false;

    public void Start(ITransportSink sink) => Volatile.Write(ref _sink, sink);

    public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        if (!_stop.IsCancellationRequested && !network.DropsDatagram() && network.Route(endpoint, to)?._sink is { } sink)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static work => work.sink.OnDatagram(work.endpoint, work.copy), (sink, endpoint, copy: packet.ToArray()), preferLocal: false);
        }

        return true; // what is dropped is dropped by the network
    }

    public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        if (GetOrDial(to) is { } connection)
        {
            return connection.TrySend(packet);
        }

        Refuse(to, packet.ToArray());
        return true;
    }

    public async ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        if (GetOrDial(to) is not { } connection)
        {
            Refuse(to, packet.ToArray());
            return;
        }

        try
        {
            await connection.Outbox.WriteAsync(packet.ToArray(), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException error)
        {
            throw new IOException("The connection ended before the frame was queued.", error);
        }
    }

    public void BindConnection(ITransportConnection connection, in NodeEndpoint peer)
    {
        var bound = (InMemoryConnection)connection;
        lock (_gate)
        {
            bound.Peer = peer;
            if (_running.ContainsKey(bound))
            {
                _used.TryAdd(peer, bound);
            }
        }
    }

    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason)
    {
        foreach (var connection in Snapshot())
        {
            if (connection.Peer == peer && !keep(connection))
            {
                connection.Close(reason);
            }
        }
    }

    /// <summary>Ends the connections between this node and another.</summary>
    public void Break(NodeEndpoint other)
    {
        foreach (var connection in Snapshot().Where(connection => connection.RemoteEndpoint == other))
        {
            connection.Close(new SocketException((int)SocketError.ConnectionReset));
        }
    }

    public void Forget(InMemoryConnection connection)
    {
        lock (_gate)
        {
            _running.Remove(connection);
            if (_used.GetValueOrDefault(connection.Peer) == connection)
            {
                _used.Remove(connection.Peer);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        network.Remove(endpoint);
        Task running;
        lock (_gate)
        {
            running = Task.WhenAll(_running.Values);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
    }

    private InMemoryConnection? GetOrDial(in NodeEndpoint to)
    {
        InMemoryConnection dialled, accepted;
        var target = network.Route(endpoint, to);
        lock (_gate)
        {
            if (_used.TryGetValue(to, out var connection))
            {
                return connection;
            }

            if (target?._sink is null || _stop.IsCancellationRequested)
            {
                return null;
            }

            dialled = new InMemoryConnection(network.NextId(), this, to) { Peer = to };
            accepted = new InMemoryConnection(network.NextId(), target, endpoint);
            InMemoryConnection.Join(dialled, accepted);
            _used.Add(to, dialled);
        }

        target.Run(accepted);
        Run(dialled);
        return dialled;
    }

    private void Run(InMemoryConnection connection)
    {
        lock (_gate)
        {
            _running.Add(connection, Task.Run(() => connection.RunAsync(_sink!, _stop.Token)));
        }
    }

    private void Refuse(NodeEndpoint to, byte[] packet) => ThreadPool.UnsafeQueueUserWorkItem(
        static work => work._sink?.OnFrameUndeliverable(work.to, work.packet, new SocketException((int)SocketError.ConnectionRefused)),
        (_sink, to, packet), preferLocal: false);

    private InMemoryConnection[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _running.Keys];
        }
    }
}
