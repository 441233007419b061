using System.Net;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>UDP and TCP on one port.</summary>
internal sealed class SocketTransport : ITransport
{
    /// <summary>How long accepting rests when the system has no room for another socket.</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>How often, at most, it is said that accepting fails: it may fail ten times a second for as long as descriptors are scarce.</summary>
    private static readonly TimeSpan AcceptReportPeriod = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly TransportOptions _options;
    private readonly Socket? _listener;
    private readonly Socket? _datagrams;
    private readonly DatagramLink? _link;
    private readonly CancellationTokenSource _stop = new();
    private ITransportSink? _sink;
    private ConnectionTable? _table;
    private Task _loops = Task.CompletedTask;
    private Task? _disposal;

    private SocketTransport(TransportOptions options, BoundPort bound)
    {
        _options = options;
        _listener = bound.Listener;
        _datagrams = bound.Datagrams;
        _link = _datagrams is null ? null : new DatagramLink(_datagrams, Counters, options.Admits);
        LocalEndpoint = _listener is null ? NodeEndpoint.Nowhere : NodeEndpoint.From((IPEndPoint)_listener.LocalEndPoint!);
    }

    public NodeEndpoint LocalEndpoint { get; }

    public bool StreamOnly => _link is null;

    public TransportCounters Counters { get; } = new();

    private ConnectionTable Table => _table ?? throw new InvalidOperationException("Start comes first.");

    /// <summary>Takes the port; what arrives waits in the system until <see cref="Start"/>.</summary>
    /// <exception cref="GossipBindException">The endpoint cannot be bound.</exception>
    public static SocketTransport Bind(TransportOptions options) => new(options, PortBinder.Bind(options));

    public void Start(ITransportSink sink)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            if (_table is not null)
            {
                throw new InvalidOperationException("Start is called once.");
            }

            _sink = sink;
            _table = new ConnectionTable(sink, _options, Counters);
            var receiving = _link is null ? Task.CompletedTask : _link.ReceiveAsync(sink, _stop.Token);
            _loops = _listener is null ? receiving : Task.WhenAll(receiving, Task.Run(() => AcceptAsync(_listener)));
        }
    }

    /// <summary>Whether <see cref="Accept"/> would take a link now.</summary>
    public bool HasRoom => _table?.HasRoom == true;

    /// <summary>Takes over a link that somebody else accepted, such as a web server.</summary>
    /// <returns>A task that ends with the connection; ended already when there was no room.</returns>
    public Task Accept(IByteLink link)
    {
        var arrival = new ReadyLink(link);
        if (_table is { } table)
        {
            return table.Accept(arrival);
        }

        arrival.Dispose();
        return Task.CompletedTask;
    }

    public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        if (packet.Length > (StreamOnly || !to.HasSocket ? _options.MaxFrameSize : _options.MaxDatagramSize))
        {
            Counters.Oversize.Add();
            Counters.DatagramsDropped.Add();
            return false;
        }

        if (_link is not null && to.HasSocket)
        {
            return _link.TrySend(to, packet, _sink ?? throw new InvalidOperationException("Start comes first."));
        }

        if (TrySendFrame(to, packet))
        {
            return true;
        }

        Counters.DatagramsDropped.Add();
        return false;
    }

    public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => TryEnqueue(to, packet, held: false);

    public bool TryHoldFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => TryEnqueue(to, packet, held: true);

    public void Flush(in NodeEndpoint to) => Table.Find(to)?.Flush();

    public async ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        CheckFrameSize(packet.Length, _options);
        EnqueueResult result;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var connection = Table.GetOrDial(to) ?? throw new ObjectDisposedException(nameof(SocketTransport));
            result = await connection.EnqueueAsync(packet, cancellationToken).ConfigureAwait(false);
        }
        while (result == EnqueueResult.Closed);
    }

    public void BindConnection(ITransportConnection connection, in NodeEndpoint peer) => Table.Bind((StreamConnection)connection, peer);

    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason) => Table.Disconnect(peer, keep, reason);

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_disposal ??= CloseAsync());
        }
    }

    private bool TryEnqueue(in NodeEndpoint to, ReadOnlySpan<byte> packet, bool held)
    {
        CheckFrameSize(packet.Length, _options);
        EnqueueResult result;
        do
        {
            // A connection that ends in between has left the table, so the next turn finds or dials another.
            result = Table.GetOrDial(to)?.TryEnqueue(packet, held) ?? EnqueueResult.Full;
        }
        while (result == EnqueueResult.Closed);
        return result == EnqueueResult.Queued;
    }

    /// <summary>An empty or too large frame would make the peer close the connection, and all others' frames on it fail.</summary>
    internal static void CheckFrameSize(int size, TransportOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, options.MaxFrameSize);
    }

    private async Task CloseAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener?.Dispose();
        await _loops.ConfigureAwait(false);
        if (_table is not null)
        {
            await _table.CloseAsync().ConfigureAwait(false);
        }

        _datagrams?.Dispose();
        _stop.Dispose();
    }

    private bool IsAdmitted(Socket socket) => _options.Admits is not { } admits || (socket.RemoteEndPoint is IPEndPoint from && admits(NodeEndpoint.From(from)));

    private async Task AcceptAsync(Socket listener)
    {
        long? reported = null;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (IsAdmitted(socket))
                {
                    _ = Table.Accept(new SocketArrival(socket));
                }
                else
                {
                    socket.Dispose();
                }
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                Counters.AcceptErrors.Add(); // the peer was gone again
            }
            catch (Exception error)
            {
                Counters.AcceptErrors.Add();
                if (reported is not { } last || _options.TimeProvider.GetElapsedTime(last) >= AcceptReportPeriod)
                {
                    reported = _options.TimeProvider.GetTimestamp();
                    _sink!.OnAcceptFailed(error);
                }

                await Task.Delay(AcceptPause, _options.TimeProvider, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
