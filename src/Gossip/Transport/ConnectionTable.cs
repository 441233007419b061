namespace Gossip.Transport;

/// <summary>
/// The connections of a node, and which of them frames to a peer use: the one that was dialled or bound first, and when it
/// ends, another that leads to the same peer.
/// </summary>
internal sealed class ConnectionTable(ITransportSink sink, TransportOptions options, TransportCounters counters)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeEndpoint, StreamConnection> _used = [];
    private readonly Dictionary<StreamConnection, Task> _running = [];

    /// <summary>
    /// How often connections are looked at for timeouts: as often as the shortest of them, which so lasts twice as long at most. Each look wakes the pool,
    /// and nodes keep a few connections for minutes after a join.
    /// </summary>
    private readonly TimeSpan _sweepPeriod = options.ShortestTimeout;
    private ITimer? _sweep; // while there are connections: a quiet node has none, and is not woken
    private long _lastId;
    private bool _closed;

    public ITransportSink Sink => sink;

    public TransportOptions Options => options;

    public TransportCounters Counters => counters;

    /// <summary>The connection for frames to a peer, dialled when there is none; null after <see cref="CloseAsync"/>.</summary>
    public StreamConnection? GetOrDial(in NodeEndpoint peer)
    {
        lock (_gate)
        {
            if (!_used.TryGetValue(peer, out var connection) && !_closed)
            {
                connection = new StreamConnection(++_lastId, peer, options.Dialer(peer), this);
                _used.Add(peer, connection);
                _ = Run(connection);
            }

            return connection;
        }
    }

    /// <summary>The connection for frames to a peer, if there is one.</summary>
    public StreamConnection? Find(in NodeEndpoint peer)
    {
        lock (_gate)
        {
            return _used.GetValueOrDefault(peer);
        }
    }

    /// <summary>Whether a connection that arrives now would be taken.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return !_closed && _running.Count < options.MaxConnections;
            }
        }
    }

    /// <summary>Takes a connection that was accepted, or turns it away where there are too many.</summary>
    /// <returns>A task that ends with the connection; ended already when it was turned away.</returns>
    public Task Accept(ILinkOpening arrival)
    {
        lock (_gate)
        {
            if (_closed || _running.Count >= options.MaxConnections)
            {
                counters.ConnectionsRefused.Add();
                arrival.Dispose();
                return Task.CompletedTask;
            }

            return Run(new StreamConnection(++_lastId, default, arrival, this));
        }
    }

    /// <summary>Says whom a connection leads to. A connection that frames to that peer already use stays in use.</summary>
    public void Bind(StreamConnection connection, in NodeEndpoint peer)
    {
        lock (_gate)
        {
            var former = connection.Peer;
            connection.Peer = peer;
            if (!connection.IsOpen)
            {
                return;
            }

            // A dialled address stays an alias: a seed that is known by two addresses needs one connection, not two.
            if (former != peer && former != connection.Dialled)
            {
                Release(connection, former);
            }

            _used.TryAdd(peer, connection);
        }
    }

    /// <summary>Closes the connections to a peer.</summary>
    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason)
    {
        foreach (var connection in Snapshot())
        {
            if ((connection.Peer == peer || connection.Dialled == peer) && !keep(connection))
            {
                connection.Close(reason);
            }
        }
    }

    /// <summary>Lets no further frame use the connection.</summary>
    public void Retire(StreamConnection connection)
    {
        lock (_gate)
        {
            if (connection.IsOpen)
            {
                connection.IsOpen = false;
                Release(connection, connection.Peer);
                Release(connection, connection.Dialled);
            }
        }
    }

    /// <summary>Drops a connection whose work has ended.</summary>
    public void Forget(StreamConnection connection)
    {
        lock (_gate)
        {
            _running.Remove(connection);
            if (_running.Count == 0)
            {
                _sweep?.Dispose();
                _sweep = null;
            }
        }
    }

    /// <summary>Closes what is idle, stuck, or silent from the start.</summary>
    private void Sweep()
    {
        foreach (var connection in Snapshot())
        {
            connection.CheckTimeouts(IsExtra(connection));
        }
    }

    /// <summary>Closes every connection, in order where that is quick, and waits until all work has ended.</summary>
    public async Task CloseAsync()
    {
        Task all;
        lock (_gate)
        {
            _closed = true;
            _sweep?.Dispose();
            all = Task.WhenAll(_running.Values);
        }

        CloseEach(null);
        try
        {
            await all.WaitAsync(options.FlushTimeout, options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            CloseEach(new ObjectDisposedException(nameof(SocketTransport), "The node stopped."));
            await all.ConfigureAwait(false);
        }
    }

    /// <summary>On the pool, so that neither a sender nor the accept loop runs a dial or a reader.</summary>
    private Task Run(StreamConnection connection)
    {
        var running = Task.Run(connection.RunAsync);
        _running.Add(connection, running);
        _sweep ??= options.TimeProvider.CreateTimer(static table => ((ConnectionTable)table!).Sweep(), this, _sweepPeriod, _sweepPeriod);
        return running;
    }

    private void CloseEach(Exception? error)
    {
        foreach (var connection in Snapshot())
        {
            connection.Close(error);
        }
    }

    private StreamConnection[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _running.Keys];
        }
    }

    private bool IsExtra(StreamConnection connection)
    {
        lock (_gate)
        {
            return !connection.Peer.IsNone && !IsUsedFor(connection, connection.Peer) && !IsUsedFor(connection, connection.Dialled);
        }
    }

    private bool IsUsedFor(StreamConnection connection, in NodeEndpoint peer) =>
        _used.TryGetValue(peer, out var used) && used == connection;

    private void Release(StreamConnection connection, NodeEndpoint peer)
    {
        if (!IsUsedFor(connection, peer))
        {
            return;
        }

        _used.Remove(peer);
        foreach (var other in _running.Keys)
        {
            if (other != connection && other.IsOpen && (other.Peer == peer || other.Dialled == peer))
            {
                _used.Add(peer, other);
                return;
            }
        }
    }
}
