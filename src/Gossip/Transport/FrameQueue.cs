using System.Buffers;
using System.Threading.Tasks.Sources;

namespace Gossip.Transport;

/// <summary>What became of a frame that was offered to a queue.</summary>
internal enum EnqueueResult
{
    Queued,
    Full,

    /// <summary>The connection ended; another one may take the frame.</summary>
    Closed,
}

/// <summary>
/// The frames that wait for one connection, already in their wire form back to back, so that the single writer takes all of
/// them as one buffer and one system call. Bounded by bytes, those being written included; senders that wait are served in order.
/// </summary>
/// <param name="capacity">How many bytes may wait.</param>
/// <param name="bulkShare">How many of them may be bulk.</param>
internal sealed class FrameQueue(int capacity, int bulkShare = int.MaxValue) : IValueTaskSource
{
    private const int InitialSize = 4 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private ManualResetValueTaskSourceCore<bool> _wake = new() { RunContinuationsAsynchronously = true };
    private bool _writerWaits;
    private bool _borrows;
    private byte[] _pending = [];
    private int _pendingLength;
    private byte[] _inFlight = [];
    private int _inFlightLength;
    private int _bulk;
    private int _bulkInFlight;
    private bool _bulkWaits;
    private bool _closed;
    private bool _aborted;

    /// <summary>Copies a frame in, or says why not. Never passes a sender that waits.</summary>
    /// <param name="packet">The frame's bytes.</param>
    /// <param name="held">Leaves the writer asleep until <see cref="Flush"/>, or until somebody else wakes it.</param>
    public EnqueueResult TryEnqueue(ReadOnlySpan<byte> packet, bool held = false)
    {
        lock (_gate)
        {
            return TryEnqueueLocked(packet, held);
        }
    }

    /// <summary>Copies a frame in as <see cref="TryEnqueue"/> does, if less than the share of bulk waits or is being written. After a refusal <see cref="HasRoomForBulk"/> tells when to try again.</summary>
    public EnqueueResult TryEnqueueBulk(ReadOnlySpan<byte> packet)
    {
        lock (_gate)
        {
            var size = FrameFormat.LengthSize + packet.Length;
            var fits = _bulk + _bulkInFlight is var queued && (queued == 0 || queued + size <= bulkShare);
            var result = _closed || fits ? TryEnqueueLocked(packet, held: false) : EnqueueResult.Full;
            _bulkWaits = result == EnqueueResult.Full;
            _bulk += result == EnqueueResult.Queued ? size : 0;
            return result;
        }
    }

    /// <summary>Whether bulk was refused since it was asked last. For the writer, after each write.</summary>
    public bool HasRoomForBulk()
    {
        lock (_gate)
        {
            var waits = _bulkWaits;
            _bulkWaits = false;
            return waits && !_closed;
        }
    }

    /// <summary>Has what is queued written: by this thread, before the call returns, if the writer sleeps, and otherwise by the writer.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (!_writerWaits || _pendingLength == 0)
            {
                return;
            }

            _writerWaits = false;
            _borrows = true;
            _wake.RunContinuationsAsynchronously = false;
        }

        _wake.SetResult(true); // not under the lock: the writer runs in this call
    }

    /// <summary>The writer runs on a thread that flushed, has written what that thread came for, and would go on. Asked once: by the answer it is told to find another.</summary>
    public bool HasMoreForBorrowedThread()
    {
        lock (_gate)
        {
            var borrows = _borrows;
            _borrows = false;
            return borrows && (_pendingLength > 0 || _bulkWaits);
        }
    }

    /// <summary>Copies a frame in as soon as there is room; the packet must stay unchanged until then.</summary>
    /// <exception cref="IOException">The queue was aborted while the frame waited.</exception>
    public ValueTask<EnqueueResult> EnqueueAsync(ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_gate)
        {
            var result = TryEnqueueLocked(packet.Span, held: false);
            if (result != EnqueueResult.Full)
            {
                return new ValueTask<EnqueueResult>(result);
            }

            waiter = _waiters.AddLast(new Waiter(packet));
        }

        return WaitForRoomAsync(waiter, cancellationToken);
    }

    /// <summary>Ends when there is something to write or the queue has ended. Only the one writer may call it.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_pendingLength > 0 || _closed)
            {
                return ValueTask.CompletedTask;
            }

            _wake.Reset();
            _wake.RunContinuationsAsynchronously = true;
            _writerWaits = true;
            return new ValueTask(this, _wake.Version);
        }
    }

    /// <summary>Takes all that is queued, to be given back by <see cref="Release"/>; empty when the queue has ended.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        lock (_gate)
        {
            return _aborted ? default : TakeLocked();
        }
    }

    /// <summary>Says that the bytes taken were written, which makes room.</summary>
    public void Release()
    {
        lock (_gate)
        {
            Free(ref _inFlight, ref _inFlightLength);
            _bulkInFlight = 0;
            Admit();
        }
    }

    /// <summary>Takes no more frames; those queued can still be written.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var waiter in _waiters)
            {
                waiter.Done.TrySetResult(EnqueueResult.Closed);
            }

            _waiters.Clear();
            Wake();
        }
    }

    /// <summary>Ends everything: senders that wait fail, and the writer gets nothing more.</summary>
    public void Abort(Exception error)
    {
        lock (_gate)
        {
            _closed = _aborted = true;
            foreach (var waiter in _waiters)
            {
                waiter.Done.TrySetException(new IOException($"The connection ended before the frame was queued: {error.Message}", error));
            }

            _waiters.Clear();
            Wake();
        }
    }

    /// <summary>After the writer has ended: the frames that it never took. Valid until <see cref="Discard"/>.</summary>
    public ReadOnlyMemory<byte> TakeUnsent()
    {
        lock (_gate)
        {
            Free(ref _inFlight, ref _inFlightLength);
            return TakeLocked();
        }
    }

    /// <summary>Gives all memory back.</summary>
    public void Discard()
    {
        lock (_gate)
        {
            Free(ref _pending, ref _pendingLength);
            Free(ref _inFlight, ref _inFlightLength);
        }
    }

    void IValueTaskSource.GetResult(short token) => _wake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    private static void Free(ref byte[] buffer, ref int length)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        buffer = [];
        length = 0;
    }

    private EnqueueResult TryEnqueueLocked(ReadOnlySpan<byte> packet, bool held)
    {
        if (_closed)
        {
            return EnqueueResult.Closed;
        }

        if (_waiters.Count > 0 || !HasRoom(packet.Length))
        {
            return EnqueueResult.Full;
        }

        Append(packet);
        if (!held)
        {
            Wake();
        }

        return EnqueueResult.Queued;
    }

    /// <summary>A frame larger than the whole queue passes when it is alone, or it never would.</summary>
    private bool HasRoom(int packetLength)
    {
        var queued = (long)_pendingLength + _inFlightLength;
        return queued == 0 || queued + FrameFormat.LengthSize + packetLength <= capacity;
    }

    private void Append(ReadOnlySpan<byte> packet)
    {
        var needed = _pendingLength + FrameFormat.LengthSize + packet.Length;
        if (needed > _pending.Length)
        {
            var grown = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(InitialSize, _pending.Length * 2)));
            var length = _pendingLength;
            _pending.AsSpan(0, length).CopyTo(grown);
            Free(ref _pending, ref _pendingLength);
            _pending = grown;
            _pendingLength = length;
        }

        FrameFormat.Write(_pending.AsSpan(_pendingLength), packet);
        _pendingLength = needed;
    }

    private ReadOnlyMemory<byte> TakeLocked()
    {
        (_inFlight, _inFlightLength, _pending, _pendingLength) = (_pending, _pendingLength, [], 0);
        (_bulkInFlight, _bulk) = (_bulk, 0);
        return _inFlight.AsMemory(0, _inFlightLength);
    }

    private void Admit()
    {
        while (!_closed && _waiters.First is { } first && HasRoom(first.Value.Packet.Length))
        {
            Append(first.Value.Packet.Span);
            Wake();
            _waiters.RemoveFirst();
            first.Value.Done.TrySetResult(EnqueueResult.Queued);
        }
    }

    private void Wake()
    {
        if (_writerWaits)
        {
            _writerWaits = false;
            _wake.SetResult(true);
        }
    }

    private async ValueTask<EnqueueResult> WaitForRoomAsync(LinkedListNode<Waiter> waiter, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static (state, token) =>
        {
            var (queue, node) = ((FrameQueue, LinkedListNode<Waiter>))state!;
            queue.Cancel(node, token);
        }, (this, waiter)))
        {
            return await waiter.Value.Done.Task.ConfigureAwait(false);
        }
    }

    private void Cancel(LinkedListNode<Waiter> waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Once it left the list it was served or failed, and the packet is out of our hands.
            if (waiter.List is not null)
            {
                _waiters.Remove(waiter);
                waiter.Value.Done.TrySetCanceled(cancellationToken);
                Admit();
            }
        }
    }

    private sealed record Waiter(ReadOnlyMemory<byte> Packet)
    {
        public TaskCompletionSource<EnqueueResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
