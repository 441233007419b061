namespace Gossip.Messaging;

/// <summary>
/// Runs handlers on the thread pool, a bounded number at once, with a bounded queue before them. A handler that hangs
/// occupies its slot and nothing else; what waits for its turn with one handler, or for a message before it, holds up no other.
/// </summary>
internal sealed class HandlerDispatcher
{
    /// <summary>How long a message may wait beyond its time, until it is looked whether there is one.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly MessagingOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<InboundMessage, ValueTask> _run;
    private readonly ITimer _sweep;
    private readonly Queue<InboundMessage> _ready = new(); // held up by nothing but that all slots are taken
    private readonly Queue<InboundMessage> _passed = new(); // the last gate, just now
    private readonly Stack<HandlerSlot> _slots = new(); // those where nothing runs; made as they are needed
    private readonly HashSet<HandlerEntry> _entries = []; // those with messages behind a gate
    private readonly HashSet<ArrivalOrder> _orders = []; // those that hold messages
    private int _running;
    private int _waiting; // before a gate, or for a message before them
    private long _bytes; // of all that are here
    private bool _closed;
    private TaskCompletionSource? _idle;

    public HandlerDispatcher(MessagingOptions options, TimeProvider time, Func<InboundMessage, ValueTask> run)
    {
        _options = options;
        _time = time;
        _run = run;
        _sweep = time.CreateTimer(static dispatcher => ((HandlerDispatcher)dispatcher!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Whether a message of this size would be taken now, so that none is copied in vain.</summary>
    public bool HasRoom(int size)
    {
        lock (_gate)
        {
            return !_closed
                && _bytes + size <= _options.HandlerBytes
                && (_running < _options.HandlerConcurrency || _ready.Count + _waiting < _options.HandlerQueue);
        }
    }

    /// <summary>Takes a message unless there is no room for it; never blocks.</summary>
    public bool TryEnqueue(in InboundMessage message)
    {
        lock (_gate)
        {
            // Nobody waits for word of one that comes after those behind it, and it would break their order.
            var isPast = message.Key is not null && message.Order?.IsPast(message.Context.Id) == true;
            message.Order?.Arrive(message.Context.Id, message.Oldest);
            var isTaken = !isPast && HasRoom(message.Context.Size) && (!message.Handler.HasGates || HasRoomToWait(message));
            if (isTaken)
            {
                _bytes += message.Context.Size;
                Take(message);
            }

            Release(message.Order);
            StartSlots();
            return isTaken;
        }
    }

    /// <summary>A reliable message that reaches no handler has arrived: others may have waited for it.</summary>
    public void Arrive(ArrivalOrder order, ulong sequence, ulong oldest)
    {
        lock (_gate)
        {
            order.Arrive(sequence, oldest);
            Release(order);
            StartSlots();
        }
    }

    /// <summary>A reliable message that was here before has come again. Its first copy may be on its way here still, on another thread: so it only tells what its sender has finished since.</summary>
    public void Raise(ArrivalOrder order, ulong oldest)
    {
        lock (_gate)
        {
            order.Raise(oldest);
            Release(order);
            StartSlots();
        }
    }

    /// <summary>Completes when no handler runs and none waits.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return IsIdle ? Task.CompletedTask : (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Takes nothing new, and gives back what has not started.</summary>
    public InboundMessage[] Close()
    {
        lock (_gate)
        {
            _closed = true;
            InboundMessage[] rest =
                [.. _ready, .. _entries.SelectMany(static entry => entry.Clear()), .. _orders.SelectMany(static order => order.Take(static _ => true))];
            _ready.Clear();
            _orders.Clear();
            _waiting = 0;
            _sweep.Dispose();
            return rest;
        }
    }

    /// <summary>Puts the next message in the place of one that was handled; false when none waits: then the slot was taken back.</summary>
    public bool TryNext(HandlerSlot slot, ref InboundMessage message)
    {
        lock (_gate)
        {
            _bytes -= message.Context.Size;
            if (message.Handler.HasGates)
            {
                Leave(message);
            }

            var goesOn = _ready.TryDequeue(out message);
            if (!goesOn)
            {
                // The message is nobody's now, so that a slot that rests keeps no payload.
                _slots.Push(slot);
                _running--;
            }

            StartSlots();
            if (IsIdle)
            {
                _idle?.TrySetResult();
                _idle = null;
            }

            return goesOn;
        }
    }

    // What follows is called with the lock held.

    private bool IsIdle => _running == 0 && _waiting == 0;

    /// <summary>
    /// A free slot says nothing about a message with gates. It can be that nothing may wait and this one need not: so one may. What waits for one handler takes at most half of the queue and of the
    /// bytes, so that one that hangs leaves room for the others.
    /// </summary>
    private bool HasRoomToWait(in InboundMessage message)
    {
        var (count, bytes) = (message.Handler.Waiting, message.Handler.WaitingBytes);
        return _ready.Count + _waiting <= _options.HandlerQueue
            && (count == 0 || (count < _options.HandlerQueue / 2 && bytes + message.Context.Size <= _options.HandlerBytes / 2));
    }

    private void Take(in InboundMessage message)
    {
        if (message.Order is not { } order || message.Key is null || order.IsNext(message.Context.Id))
        {
            Pass(message);
            return;
        }

        order.Hold(message.Context.Id, message);
        Wait(message);
        if (_orders.Add(order) && _orders.Count == 1)
        {
            _sweep.Change(SweepPeriod, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Sends on those before which none is missing, in their order.</summary>
    private void Release(ArrivalOrder? order)
    {
        if (order is null || order.Held == 0)
        {
            return;
        }

        while (order.TryRelease(out var message))
        {
            WaitNoMore(message);
            Pass(message);
        }

        if (order.Held == 0)
        {
            _orders.Remove(order);
        }
    }

    private void Pass(in InboundMessage message)
    {
        if (!message.Handler.HasGates)
        {
            _ready.Enqueue(message);
            return;
        }

        _entries.Add(message.Handler);
        if (message.Handler.TryPass(message))
        {
            _ready.Enqueue(message);
        }
        else
        {
            Wait(message);
        }
    }

    private void Wait(in InboundMessage message)
    {
        _waiting++;
        message.Handler.Waiting++;
        message.Handler.WaitingBytes += message.Context.Size;
    }

    private void WaitNoMore(in InboundMessage message)
    {
        _waiting--;
        message.Handler.Waiting--;
        message.Handler.WaitingBytes -= message.Context.Size;
    }

    private void Leave(in InboundMessage message)
    {
        message.Handler.Leave(message, _passed);
        while (_passed.TryDequeue(out var next))
        {
            WaitNoMore(next);
            _ready.Enqueue(next);
        }

        if (message.Handler.IsIdle)
        {
            _entries.Remove(message.Handler);
        }
    }

    private void StartSlots()
    {
        while (_running < _options.HandlerConcurrency && _ready.TryDequeue(out var message))
        {
            _running++;
            if (!_slots.TryPop(out var slot))
            {
                slot = new HandlerSlot(this, _run);
            }

            slot.Start(message);
        }
    }

    /// <summary>Sends on those that have waited for a message before them for as long as their senders wait: they are refused then, and nothing of a sender that is gone stays.</summary>
    private void Sweep()
    {
        lock (_gate)
        {
            foreach (var order in _orders.ToArray())
            {
                foreach (var message in order.Take(message => _time.GetElapsedTime(message.Arrived) >= message.Timeout))
                {
                    WaitNoMore(message);
                    Pass(message);
                }

                if (order.Held == 0)
                {
                    _orders.Remove(order);
                }
            }

            StartSlots();
            if (_orders.Count > 0)
            {
                _sweep.Change(SweepPeriod, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
