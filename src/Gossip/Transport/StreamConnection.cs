using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Gossip.Transport;

/// <summary>
/// One connection: a link, a queue, one writer that empties it, one reader that hands frames up in order. A dialled connection
/// exists, and takes frames, from before the dial.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no link, so it holds nothing; disposing it would race with Close.")]
internal sealed class StreamConnection : ITransportConnection
{
    /// <summary>What a time that has not come is set to.</summary>
    private const long Never = long.MinValue;

    private readonly ConnectionTable _table;
    private readonly TransportOptions _options;
    private readonly TransportCounters _counters;
    private readonly ITransportSink _sink;
    private readonly FrameQueue _queue;
    private readonly CancellationTokenSource _stop = new();
    private readonly ILinkOpening _opening;
    private object _peer;
    private Exception? _error;
    private bool _established;
    private bool _sawFrame;
    private bool _handling;
    private long _openedAt = Never;
    private long _activeAt = Never;
    private long _writingSince = Never;
    private long _shutDownAt = Never;

    /// <param name="id">Unique among the connections of the table.</param>
    /// <param name="dialled">Whom it leads to; none when it was accepted, and that is learnt later.</param>
    /// <param name="opening">How its link comes about.</param>
    /// <param name="table">Whose it is.</param>
    public StreamConnection(long id, in NodeEndpoint dialled, ILinkOpening opening, ConnectionTable table)
    {
        Id = id;
        Dialled = dialled;
        _peer = dialled;
        _opening = opening;
        _table = table;
        _options = table.Options;
        _counters = table.Counters;
        _sink = table.Sink;
        _queue = new FrameQueue(_options.SendQueueBytes, _options.BulkShareBytes);
    }

    public long Id { get; }

    /// <summary>What was dialled; none when the connection was accepted.</summary>
    public NodeEndpoint Dialled { get; }

    public NodeEndpoint Peer
    {
        // Boxed, because a reader must never see one half of an address and the other half of the next.
        get => (NodeEndpoint)Volatile.Read(ref _peer);
        set => Volatile.Write(ref _peer, value);
    }

    public NodeEndpoint RemoteEndpoint { get; private set; }

    private bool IsAccepted => Dialled.IsNone;

    /// <summary>Frames may still be queued. Guarded by the table's lock.</summary>
    public bool IsOpen { get; set; } = true;

    public bool TrySend(ReadOnlySpan<byte> packet)
    {
        SocketTransport.CheckFrameSize(packet.Length, _options);
        return TryEnqueue(packet) == EnqueueResult.Queued;
    }

    public bool TrySendBulk(ReadOnlySpan<byte> packet)
    {
        SocketTransport.CheckFrameSize(packet.Length, _options);
        return _queue.TryEnqueueBulk(packet) == EnqueueResult.Queued;
    }

    public EnqueueResult TryEnqueue(ReadOnlySpan<byte> packet, bool held = false) => _queue.TryEnqueue(packet, held);

    /// <summary>Writes what is queued, on this thread if no other is at it.</summary>
    public void Flush() => _queue.Flush();

    public ValueTask<EnqueueResult> EnqueueAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) =>
        _queue.EnqueueAsync(packet, cancellationToken);

    public void Close(Exception? error)
    {
        // First out of the table, so that a sender which finds the queue closed finds another connection on its next try.
        _table.Retire(this);
        if (error is null)
        {
            _queue.Close();
            return;
        }

        Interlocked.CompareExchange(ref _error, error, null);
        _queue.Abort(error);
        Stop();
    }

    /// <summary>Runs the connection from its dial to its end.</summary>
    public async Task RunAsync()
    {
        try
        {
            await RunLinkAsync().ConfigureAwait(false);
            _table.Retire(this);
            ReportUnsent();
            if (_established)
            {
                _sink.OnDisconnected(this, _error);
            }
        }
        finally
        {
            _table.Forget(this);
            if (_established)
            {
                _counters.ConnectionsClosed.Add(); // last: who reads that it is closed finds its place free
            }
        }
    }

    /// <summary>Ends what has waited too long. <paramref name="isExtra"/>: frames to the peer use another connection.</summary>
    public void CheckTimeouts(bool isExtra)
    {
        if (!_established)
        {
            return; // opening has its own deadline
        }

        // A handler that takes its time is work, not silence.
        var handling = Volatile.Read(ref _handling);
        var idle = isExtra ? _options.ExtraIdleTimeout : _options.IdleTimeout;
        if (Expired(ref _writingSince, _options.IdleTimeout))
        {
            Close(new TimeoutException($"The peer took no bytes for {_options.IdleTimeout}."));
        }
        else if (!handling && Expired(ref _shutDownAt, _options.CloseTimeout))
        {
            Stop();
        }
        else if (IsAccepted && !Volatile.Read(ref _sawFrame) && Expired(ref _openedAt, _options.FirstFrameTimeout))
        {
            Close(new TimeoutException($"The peer connected and sent no whole frame for {_options.FirstFrameTimeout}."));
        }
        else if (!handling && Volatile.Read(ref _writingSince) == Never && Expired(ref _activeAt, idle))
        {
            Close(null);
        }
    }

    /// <summary>Cancels elsewhere, because callbacks of the upper layer must not run inside a caller's call.</summary>
    private void Stop() => _ = _stop.CancelAsync();

    private async Task RunLinkAsync()
    {
        using var link = await OpenAsync().ConfigureAwait(false);
        if (link is not null)
        {
            var reading = ReadAsync(link);
            await WriteAsync(link).ConfigureAwait(false);
            ReportUnsent(); // at once, for the reader may be busy for long
            await reading.ConfigureAwait(false);
        }
    }

    private async Task<IByteLink?> OpenAsync()
    {
        using var timeout = new CancellationTokenSource(IsAccepted ? _options.FirstFrameTimeout : _options.DialTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        try
        {
            var link = await _opening.OpenAsync(either.Token).ConfigureAwait(false);
            RemoteEndpoint = link.RemoteEndpoint;
            var now = _options.TimeProvider.GetTimestamp();
            Volatile.Write(ref _openedAt, now);
            Volatile.Write(ref _activeAt, now);
            (IsAccepted ? ref _counters.ConnectionsAccepted : ref _counters.ConnectionsDialled).Add();
            Volatile.Write(ref _established, true);
            return link;
        }
        catch (Exception error)
        {
            (IsAccepted ? ref _counters.AcceptErrors : ref _counters.DialsFailed).Add();
            Close(error is OperationCanceledException ? new SocketException((int)SocketError.TimedOut) : error);
            return null;
        }
    }

    private async Task ReadAsync(IByteLink link)
    {
        using var decoder = new FrameDecoder(_options.MaxFrameSize);
        try
        {
            while (true)
            {
                var count = await link.ReceiveAsync(decoder.GetFree(), _stop.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    Close(decoder.IsEmpty ? null : new EndOfStreamException("The peer closed the connection inside a frame."));
                    return;
                }

                decoder.Advance(count);
                _counters.FrameBytesIn.Add(count);
                await HandUpAsync(decoder).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped by Close or by a timeout, which have said why.
        }
        catch (Exception error)
        {
            if (error is InvalidDataException)
            {
                _counters.Oversize.Add();
            }

            Close(error);
        }
    }

    private async ValueTask HandUpAsync(FrameDecoder decoder)
    {
        while (decoder.TryRead(out var packet))
        {
            _counters.FramesIn.Add();
            Volatile.Write(ref _handling, true);
            Volatile.Write(ref _sawFrame, true);
            await _sink.OnFrameAsync(this, packet, _stop.Token).ConfigureAwait(false);
            Volatile.Write(ref _activeAt, _options.TimeProvider.GetTimestamp());
            Volatile.Write(ref _handling, false);
        }
    }

    private async Task WriteAsync(IByteLink link)
    {
        try
        {
            while (true)
            {
                await _queue.WaitAsync().ConfigureAwait(false); // ended by Close
                var batch = _queue.Take();
                if (batch.IsEmpty)
                {
                    break;
                }

                Volatile.Write(ref _writingSince, _options.TimeProvider.GetTimestamp());
                await link.SendAsync(batch, _stop.Token).ConfigureAwait(false);
                Count(batch.Span);
                _queue.Release();
                Volatile.Write(ref _activeAt, _options.TimeProvider.GetTimestamp());
                Volatile.Write(ref _writingSince, Never);
                if (_queue.HasMoreForBorrowedThread())
                {
                    await Task.Yield(); // a thread that came to write its own frames must not be kept to write those of others
                }

                if (_queue.HasRoomForBulk())
                {
                    _sink.OnRoom(this);
                }
            }

            if (!_stop.IsCancellationRequested)
            {
                await link.CompleteAsync(_stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // As for the reader.
        }
        catch (Exception error)
        {
            Close(error);
        }

        await Task.Yield(); // what follows calls the upper layer, which must not happen inside the call of whoever flushed
        Volatile.Write(ref _writingSince, Never);
        Volatile.Write(ref _shutDownAt, _options.TimeProvider.GetTimestamp());
    }

    private void Count(ReadOnlySpan<byte> frames)
    {
        _counters.FrameBytesOut.Add(frames.Length);
        while (!frames.IsEmpty)
        {
            FrameFormat.TakeFirst(ref frames);
            _counters.FramesOut.Add();
        }
    }

    private void ReportUnsent()
    {
        var error = _error ?? new IOException("The connection was closed.");
        var frames = _queue.TakeUnsent().Span;
        while (!frames.IsEmpty)
        {
            _counters.FramesUndeliverable.Add();
            _sink.OnFrameUndeliverable(Peer, FrameFormat.TakeFirst(ref frames), error);
        }

        _queue.Discard();
    }

    private bool Expired(ref long since, TimeSpan timeout)
    {
        var start = Volatile.Read(ref since);
        return start != Never && _options.TimeProvider.GetElapsedTime(start) > timeout;
    }
}
