using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>What the pump tells its node. Called on the pump; must not block.</summary>
internal interface IPumpOwner
{
    void OnDataPacket(in PacketHeader header, ReadOnlySpan<byte> packet, ITransportConnection? connection);

    void OnDataUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet);

    void OnEngineEvent(in EngineEvent engineEvent);

    /// <summary>The engine's table changed in a way that views show.</summary>
    void OnViewChanged(GossipEngine engine);

    void OnPumpFailed(Exception error);

    /// <summary>No connection can be accepted for the time being. Not called on the pump.</summary>
    void OnAcceptFailed(Exception error)
    {
        // Only who logs has to know.
    }
}

/// <summary>
/// The one loop that owns a node's engine: it takes packets and commands from a bounded queue, calls the engine, carries out
/// its outbox and arms one timer. Packets of users' messages go past it, straight to the dispatcher.
/// </summary>
internal sealed class Pump : ITransportSink, IAsyncDisposable
{
    /// <summary>Packets that wait; more datagrams are dropped as a network would, and more frames make their senders wait.</summary>
    private const int QueueCapacity = 8192;

    /// <summary>Frames that wait: each may be large, so fewer of them may wait than of datagrams.</summary>
    private const int FrameSlots = 64;

    /// <summary>What is to be sent is carried out at the latest when it is this large.</summary>
    private const int FlushBytes = 1024 * 1024;

    /// <summary>How many items are handled before what they caused is carried out and the timer is looked at.</summary>
    private const int BatchSize = 64;

    private readonly ITransport _transport;
    private readonly IPumpOwner _owner;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Outbox _outbox = new();
    private readonly ConcurrentDictionary<long, (ITransportConnection Connection, NodeInstance Peer)> _connections = new();
    private readonly Channel<PumpItem> _queue;
    private readonly SemaphoreSlim _frameSlots = new(FrameSlots, FrameSlots);
    private readonly int _maxFrame;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private long _timerDue = long.MaxValue;
    private readonly List<PumpCall> _calls = [];
    private GossipEngine _engine;
    private Task _loop = Task.CompletedTask;
    private long _datagramsDropped;
    private ulong _latestWall;

    public Pump(ITransport transport, EngineOptions engineOptions, IPumpOwner owner, TimeProvider time)
    {
        _transport = transport;
        _owner = owner;
        _time = time;
        _started = time.GetTimestamp();
        _engine = new GossipEngine(engineOptions, _outbox);
        _maxFrame = PacketComposer.MaxFrameSize(engineOptions);
        _queue = Channel.CreateBounded<PumpItem>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true });
        _timer = time.CreateTimer(static pump => ((Pump)pump!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long DatagramsDropped => Interlocked.Read(ref _datagramsDropped);

    /// <summary>How many packets and commands wait.</summary>
    public int QueueLength => _queue.Reader.Count;

    public Moment Now => new(_time.GetElapsedTime(_started).Ticks, WallMicros());

    /// <summary>The wall time of a moment of the engine's clock.</summary>
    public DateTimeOffset ToWallTime(long ticks) => _time.GetUtcNow() - TimeSpan.FromTicks(Now.Ticks - ticks);

    public void Start()
    {
        _loop = Task.Run(RunAsync);
        _transport.Start(this);
    }

    /// <summary>Runs a command on the pump and returns its result.</summary>
    public async Task<T> CallAsync<T>(Func<GossipEngine, Moment, T> command, CancellationToken cancellationToken)
    {
        var call = new PumpCall<T>(command);
        try
        {
            await _queue.Writer.WriteAsync(new PumpItem(PumpItemKind.Call) { Call = call }, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new GossipStateException("The call", GossipNodeState.Stopped);
        }

        return await call.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces the engine: a node that joins again, or whose generation was outdated, begins a new life. Called on the pump.</summary>
    public GossipEngine Replace(Func<GossipEngine, Outbox, GossipEngine> successor) => _engine = successor(_engine, _outbox);

    public void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet)
    {
        if (!PacketHeader.TryRead(packet, out var header))
        {
            return;
        }

        if (header.Kind == PacketKind.Data)
        {
            _owner.OnDataPacket(header, packet, null);
        }
        else if (!_queue.Writer.TryWrite(Rent(PumpItemKind.Packet, from, 0, packet)))
        {
            Interlocked.Increment(ref _datagramsDropped);
        }
    }

    public ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        if (!PacketHeader.TryRead(packet.Span, out var header))
        {
            connection.Close(new InvalidDataException("A frame that is no gossip packet arrived."));
            return ValueTask.CompletedTask;
        }

        _connections.TryAdd(connection.Id, (connection, header.Sender));
        if (header.Kind == PacketKind.Data)
        {
            _owner.OnDataPacket(header, packet.Span, connection);
            return ValueTask.CompletedTask;
        }

        if (packet.Length > _maxFrame)
        {
            connection.Close(new InvalidDataException($"A control frame of {packet.Length} bytes arrived; at most {_maxFrame} are allowed."));
            return ValueTask.CompletedTask;
        }

        return EnqueueAsync(Rent(PumpItemKind.Packet, connection.Peer, connection.Id, packet.Span), cancellationToken);
    }

    public void OnDisconnected(ITransportConnection connection, Exception? error)
    {
        _connections.TryRemove(connection.Id, out _);
        if (!connection.Peer.IsNone)
        {
            // The kernel closes the connections of a killed process in order: only the engine can tell that from a goodbye.
            _queue.Writer.TryWrite(new PumpItem(error is null ? PumpItemKind.Closed : PumpItemKind.Disconnected) { Endpoint = connection.Peer });
        }
    }

    public void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error)
    {
        if (PacketHeader.TryRead(packet, out var header) && header.Kind == PacketKind.Data)
        {
            _owner.OnDataUndeliverable(to, packet);
        }
        else
        {
            var kind = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? PumpItemKind.Refused : PumpItemKind.Undeliverable;
            _queue.Writer.TryWrite(new PumpItem(kind) { Endpoint = to });
        }
    }

    public void OnDatagramSendFailed(in NodeEndpoint to, Exception error) =>
        _queue.Writer.TryWrite(new PumpItem(PumpItemKind.SendFailed) { Endpoint = to });

    public void OnAcceptFailed(Exception error) => _owner.OnAcceptFailed(error);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async ValueTask EnqueueAsync(PumpItem item, CancellationToken cancellationToken)
    {
        var hasSlot = false;
        try
        {
            await _frameSlots.WaitAsync(cancellationToken).ConfigureAwait(false);
            hasSlot = true;
            await _queue.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            Return(item); // the connection or the node has ended
            if (hasSlot)
            {
                _frameSlots.Release();
            }
        }
    }

    private static PumpItem Rent(PumpItemKind kind, in NodeEndpoint endpoint, long connectionId, ReadOnlySpan<byte> packet)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        packet.CopyTo(buffer);
        return new PumpItem(kind) { Endpoint = endpoint, ConnectionId = connectionId, Buffer = buffer, Length = packet.Length };
    }

    private static void Return(in PumpItem item)
    {
        if (item.Buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(item.Buffer);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            var reader = _queue.Reader;
            while (await reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                for (var i = 0; i < BatchSize && _outbox.Size < FlushBytes && reader.TryRead(out var item); i++)
                {
                    Handle(item);
                    Return(item);
                }

                Flush();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node is stopping.
        }
        catch (Exception e)
        {
            // Nothing that arrives may get here; if it does, the node must not go on as if it were well.
            _owner.OnPumpFailed(e);
        }
        finally
        {
            RefuseTheRest();
        }
    }

    /// <summary>Whoever still waits is told, and nobody can begin to wait.</summary>
    private void RefuseTheRest()
    {
        _queue.Writer.TryComplete();
        foreach (var call in _calls)
        {
            call.Fail(new GossipStateException("The call", GossipNodeState.Stopped));
        }

        while (_queue.Reader.TryRead(out var item))
        {
            item.Call?.Fail(new GossipStateException("The call", GossipNodeState.Stopped));
            Return(item);
        }
    }

    private void Handle(in PumpItem item)
    {
        if (item.Call is not null)
        {
            _calls.Add(item.Call); // first of all, so that whatever fails below, whoever waits is told
        }

        var now = Now;
        switch (item.Kind)
        {
            case PumpItemKind.Packet:
                _engine.OnPacket(now, new PacketSource(item.Endpoint, item.ConnectionId), item.Buffer.AsSpan(0, item.Length));
                if (item.ConnectionId != 0)
                {
                    _frameSlots.Release();
                }

                BindConnection(item);
                break;
            case PumpItemKind.Undeliverable:
                _engine.OnUndeliverable(now, item.Endpoint, refused: false);
                break;
            case PumpItemKind.Refused:
                _engine.OnUndeliverable(now, item.Endpoint, refused: true);
                break;
            case PumpItemKind.Disconnected:
                _engine.OnDisconnected(now, item.Endpoint);
                break;
            case PumpItemKind.Closed:
                _engine.OnClosed(now, item.Endpoint);
                break;
            case PumpItemKind.SendFailed:
                _engine.OnSendFailed(now);
                break;
            case PumpItemKind.Call:
                item.Call!.Run(_engine, now);
                break;
            default:
                break; // a wake-up: the tick below does the work
        }
    }

    /// <summary>Whoever dialled this node is known by its packets; from then on frames to it use the connection that it made.</summary>
    private void BindConnection(in PumpItem item)
    {
        if (item.ConnectionId != 0
            && item.Endpoint.IsNone
            && _connections.TryGetValue(item.ConnectionId, out var known)
            && PacketHeader.TryRead(item.Buffer, out var header)
            && _engine.Table.TryFind(header.Sender.Id, out var member)
            && member.Instance == header.Sender)
        {
            _transport.BindConnection(known.Connection, member.Endpoint);
        }
    }

    /// <summary>
    /// What is left of the connections to the dead leads nowhere: after a cut TCP may go on resending for minutes. Those of somebody
    /// else at its address stay, such as its successor, by which its death may just have become known.
    /// </summary>
    private void Disconnect(NodeInstance dead, in NodeEndpoint endpoint) => _transport.Disconnect(
        endpoint,
        connection => _connections.TryGetValue(connection.Id, out var known) && known.Peer != dead,
        new IOException($"Member {dead} is dead."));

    /// <summary>Lets time pass for the engine, then carries out everything that it asked for.</summary>
    private void Flush()
    {
        var now = Now;
        if (_engine.NextDeadline <= now.Ticks)
        {
            _engine.OnTick(now);
        }

        // Handling an event may replace the engine, and so fill the outbox again.
        while (_outbox.Transmits.Count > 0 || _outbox.Events.Count > 0 || _outbox.ViewChanged)
        {
            Transmit();
            var events = _outbox.Events.ToArray();
            var viewChanged = _outbox.ViewChanged;
            _outbox.Clear();
            if (viewChanged)
            {
                _owner.OnViewChanged(_engine);
            }

            foreach (var engineEvent in events)
            {
                if (engineEvent is { Kind: EngineEventKind.StateChanged, Before: not (MemberState.Joining or MemberState.Left), After: MemberState.Dead })
                {
                    Disconnect(engineEvent.Subject, engineEvent.Endpoint);
                }

                _owner.OnEngineEvent(engineEvent);
            }
        }

        foreach (var call in _calls)
        {
            call.Complete();
        }

        _calls.Clear();
        ArmTimer();
    }

    private void Transmit()
    {
        foreach (var transmit in _outbox.Transmits)
        {
            var packet = _outbox.Bytes(transmit);
            switch (transmit.Path)
            {
                case TransmitPath.Datagram:
                    _ = _transport.TrySendDatagram(transmit.To, packet);
                    break;
                case TransmitPath.Stream:
                    // A full queue is no evidence about the peer: what is lost is asked for again, as after any loss.
                    _ = _transport.TrySendFrame(transmit.To, packet);
                    break;
                default:
                    // A closed connection needs no report: whoever asked through it is told by its own side.
                    if (_connections.TryGetValue(transmit.ConnectionId, out var known))
                    {
                        known.Connection.TrySend(packet);
                    }

                    break;
            }
        }
    }

    /// <summary>Wall time that never goes back while the process lives, whatever is done to the system's clock.</summary>
    private ulong WallMicros()
    {
        var now = HybridTimestamp.ToMicros(_time.GetUtcNow());
        var latest = Volatile.Read(ref _latestWall);
        return now > latest && Interlocked.CompareExchange(ref _latestWall, now, latest) == latest ? now : Math.Max(now, Volatile.Read(ref _latestWall));
    }

    private void OnTimer()
    {
        // It is one-shot, and may fire a little early: whoever runs next must arm it again.
        Volatile.Write(ref _timerDue, long.MaxValue);
        _queue.Writer.TryWrite(new PumpItem(PumpItemKind.Wake));
    }

    private void ArmTimer()
    {
        var deadline = _engine.NextDeadline;
        if (deadline == Volatile.Read(ref _timerDue) && deadline > Now.Ticks)
        {
            return;
        }

        Volatile.Write(ref _timerDue, deadline);
        var wait = deadline == long.MaxValue
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, deadline - Now.Ticks));
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
