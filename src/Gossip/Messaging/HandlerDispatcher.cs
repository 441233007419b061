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
            message.Order?.Arrive(message.Context.Id, message.Oldest);
            var isTaken = HasRoom(message.Context.Size) && (!message.Handler.HasGates || HasRoomToWait);
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

    /// <summary>A reliable message that reaches no handler has arrived, or one that was here before has come again: others may have waited for it.</summary>
    public void Arrive(ArrivalOrder order, ulong sequence, ulong oldest)
    {
        lock (_gate)
        {
            order.Arrive(sequence, oldest);
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

    /// <summary>A free slot says nothing about a message with gates. It can be that nothing may wait and this one need not: so one may.</summary>
    private bool HasRoomToWait => _ready.Count + _waiting <= _options.HandlerQueue;

    private void Take(in InboundMessage message)
    {
        if (message.Order is not { } order || !message.Handler.IsOrdered || order.IsNext(message.Context.Id))
        {
            Pass(message);
            return;
        }

        order.Hold(message.Context.Id, message);
        _waiting++;
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
            _waiting--;
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
            _waiting++;
        }
    }

    private void Leave(in InboundMessage message)
    {
        var before = _ready.Count;
        message.Handler.Leave(message, _ready);
        _waiting -= _ready.Count - before;
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
                    _waiting--;
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
