using System.Net.Sockets;
using System.Threading.Channels;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Node;

/// <summary>
/// The one owner of a node's engine: it takes packets and commands from a bounded queue, calls the engine, carries out
/// its outbox and arms one timer. Packets of users' messages go past it, straight to the dispatcher.
/// </summary>
/// <remarks>
/// It has no thread. Whoever queues something while nobody runs it, has it run: the reader of datagrams and the timer do so themselves, for
/// one batch, because to wake another thread costs more than what a quiet cluster has to say; everybody else leaves it to the pool.
/// </remarks>
internal sealed partial class Pump : ITransportSink, IThreadPoolWorkItem, IAsyncDisposable
{
    /// <summary>Packets that wait; more datagrams are dropped as a network would, and more frames make their senders wait.</summary>
    private const int QueueCapacity = 8192;

    /// <summary>Frames that wait: each may be large, so fewer of them may wait than of datagrams.</summary>
    private const int FrameSlots = 64;

    /// <summary>Frames with large broadcasts that wait: four of 4 MiB.</summary>
    private const int LargeFrameSlots = 4;

    /// <summary>What is to be sent is carried out at the latest when it is this large.</summary>
    private const int FlushBytes = 1024 * 1024;

    /// <summary>How many items are handled before what they caused is carried out and the timer is looked at.</summary>
    private const int BatchSize = 64;

    private readonly ITransport _transport;
    private readonly IPumpOwner _owner;
    private readonly Outbox _outbox = new();
    private readonly Channel<PumpItem> _queue;
    private readonly SemaphoreSlim _frameSlots = new(FrameSlots, FrameSlots);
    private readonly SemaphoreSlim _largeFrameSlots = new(LargeFrameSlots, LargeFrameSlots);
    private readonly int _usualFrame;
    private readonly int _maxFrame;
    private readonly PumpTimer _timer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PumpCall> _calls = [];
    private GossipEngine _engine;
    private bool _started;
    private int _taken = 1; // by whoever runs the pump; before the start and after the end by nobody, for ever
    private volatile bool _stopping;
    private long _datagramsDropped;

    public Pump(ITransport transport, EngineOptions engineOptions, IPumpOwner owner, TimeProvider time)
    {
        _transport = transport;
        Links = new PumpLinks(transport);
        _owner = owner;
        Clock = new PumpClock(time);
        _engine = new GossipEngine(engineOptions, _outbox);
        _usualFrame = PacketComposer.MaxFrameSize(engineOptions);
        _maxFrame = PacketComposer.MaxReceivedFrameSize(engineOptions);
        _queue = Channel.CreateBounded<PumpItem>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true });
        _timer = new PumpTimer(time, Clock, OnTimer);
    }

    public long DatagramsDropped => Interlocked.Read(ref _datagramsDropped);

    /// <summary>How many packets and commands wait.</summary>
    public int QueueLength => _queue.Reader.Count;

    /// <summary>Who speaks on which connection.</summary>
    public PumpLinks Links { get; }

    public PumpClock Clock { get; }

    public Moment Now => Clock.Now;

    public void Start()
    {
        _started = true;
        Volatile.Write(ref _taken, 0);
        Wake(here: false);
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

        Wake(here: false);
        return await call.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces the engine: a node that joins again, or whose generation was outdated, begins a new life. Called on the pump.</summary>
    public GossipEngine Replace(Func<GossipEngine, Outbox, GossipEngine> successor) => _engine = successor(_engine, _outbox);

    public TimeSpan Patience(TimeSpan longest) => _timer.ReaderWaits(longest);

    public void OnQuiet()
    {
        _timer.ReaderWorks();
        Wake(here: true);
    }

    public void OnDatagram(in NodeEndpoint from, ReadOnlySpan<byte> packet)
    {
        _timer.ReaderWorks();
        if (!PacketHeader.TryRead(packet, out var header))
        {
            return;
        }

        if (header.Kind == PacketKind.Data)
        {
            _owner.OnDataPacket(header, packet, null);
        }
        else if (header.Kind is not (PacketKind.Agreement or PacketKind.Stream)) // which travel on connections only
        {
            var item = PumpItem.OfPacket(from, 0, packet);
            if (!_queue.Writer.TryWrite(item))
            {
                item.Return();
                Interlocked.Increment(ref _datagramsDropped);
            }

            Wake(here: true);
        }
    }

    public ValueTask OnFrameAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        if (!PacketHeader.TryRead(packet.Span, out var header))
        {
            connection.Close(new InvalidDataException("A frame that is no gossip packet arrived."));
            return ValueTask.CompletedTask;
        }

        Links.Add(connection, header.Sender);
        if (header.Kind == PacketKind.Data)
        {
            _owner.OnDataPacket(header, packet.Span, connection);
            return ValueTask.CompletedTask;
        }

        if (header.Kind == PacketKind.Stream)
        {
            _owner.OnStreamPacket(header, packet.Span, connection);
            return ValueTask.CompletedTask;
        }

        if (header.Kind == PacketKind.Agreement)
        {
            _owner.OnAgreementPacket(header, packet.Span, connection);
            return ValueTask.CompletedTask;
        }

        if (packet.Length > _maxFrame)
        {
            connection.Close(new InvalidDataException($"A control frame of {packet.Length} bytes arrived; at most {_maxFrame} are allowed."));
            return ValueTask.CompletedTask;
        }

        return EnqueueAsync(connection, packet, cancellationToken);
    }

    public void OnDisconnected(ITransportConnection connection, Exception? error)
    {
        Links.Remove(connection);
        _owner.OnConnectionEnded(connection);
        if (!connection.Peer.IsNone)
        {
            _owner.OnPeerUnreachable(connection.Peer);

            // The kernel closes the connections of a killed process in order: only the engine can tell that from a goodbye.
            Post(new PumpItem(error is null ? PumpItemKind.Closed : PumpItemKind.Disconnected) { Endpoint = connection.Peer });
        }
    }

    public void OnFrameUndeliverable(in NodeEndpoint to, ReadOnlySpan<byte> packet, Exception error)
    {
        if (PacketHeader.TryRead(packet, out var header) && header.Kind == PacketKind.Data)
        {
            _owner.OnDataUndeliverable(to, packet);
        }
        else if (header.Kind == PacketKind.Stream)
        {
            _owner.OnStreamUndeliverable(packet);
        }
        else
        {
            if (header.Kind == PacketKind.Agreement)
            {
                _owner.OnPeerUnreachable(to);
            }

            if (error is LinkRefusedException refused)
            {
                _owner.OnDialRefused(to, refused); // first, for the engine knows of no reasons
            }

            var kind = error is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? PumpItemKind.Refused : PumpItemKind.Undeliverable;
            Post(new PumpItem(kind) { Endpoint = to });
        }
    }

    public void OnDatagramSendFailed(in NodeEndpoint to, Exception error) => Post(new PumpItem(PumpItemKind.SendFailed) { Endpoint = to });

    public void OnRoom(ITransportConnection connection) => _owner.OnRoom(connection);

    public void OnAcceptFailed(Exception error) => _owner.OnAcceptFailed(error);

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        Wake(here: false);
        if (_started)
        {
            await _ended.Task.ConfigureAwait(false);
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    void IThreadPoolWorkItem.Execute() => Run();

    private async ValueTask EnqueueAsync(ITransportConnection connection, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        var slots = SlotsFor(packet.Length);
        PumpItem item = default;
        var hasSlot = false;
        try
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            hasSlot = true;
            item = PumpItem.OfPacket(connection.Peer, connection.Id, packet.Span); // only now: whoever waits for a slot holds no copy
            await _queue.Writer.WriteAsync(item, cancellationToken).ConfigureAwait(false);
            Wake(here: false);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            item.Return(); // the connection or the node has ended
            if (hasSlot)
            {
                slots.Release();
            }
        }
    }

    private SemaphoreSlim SlotsFor(int frameLength) => frameLength > _usualFrame ? _largeFrameSlots : _frameSlots;

    private void Post(in PumpItem item)
    {
        _queue.Writer.TryWrite(item);
        Wake(here: false);
    }

    /// <summary>Has the pump run, unless somebody runs it: he looks into the queue once more before he goes.</summary>
    /// <param name="here">True where the caller may spend the time of a batch and holds no lock.</param>
    private void Wake(bool here)
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
        {
            return;
        }

        if (here)
        {
            Run();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
