namespace Gossip.Messaging;

/// <summary>
/// Runs handlers on the thread pool, a bounded number at once, with a bounded queue before them. A handler that hangs
/// occupies its slot and nothing else.
/// </summary>
internal sealed class HandlerDispatcher(MessagingOptions options, Func<InboundMessage, ValueTask> run)
{
    private readonly Lock _gate = new();
    private readonly Queue<InboundMessage> _queue = new();
    private readonly Stack<HandlerSlot> _slots = new(); // those where nothing runs; made as they are needed
    private int _running;
    private long _bytes; // of the queued and the running
    private bool _closed;
    private TaskCompletionSource? _idle;

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
                && _bytes + size <= options.HandlerBytes
                && (_running < options.HandlerConcurrency || _queue.Count < options.HandlerQueue);
        }
    }

    /// <summary>Takes a message unless there is no room for it; never blocks.</summary>
    public bool TryEnqueue(in InboundMessage message)
    {
        HandlerSlot? slot;
        lock (_gate)
        {
            if (!HasRoom(message.Context.Size))
            {
                return false;
            }

            _bytes += message.Context.Size;
            if (_running == options.HandlerConcurrency)
            {
                _queue.Enqueue(message);
                return true;
            }

            _running++;
            if (!_slots.TryPop(out slot))
            {
                slot = new HandlerSlot(this, run);
            }
        }

        slot.Start(message);
        return true;
    }

    /// <summary>Completes when no handler runs and none waits.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return _running == 0 ? Task.CompletedTask : (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Takes nothing new, and gives back what has not started.</summary>
    public InboundMessage[] Close()
    {
        lock (_gate)
        {
            _closed = true;
            var rest = _queue.ToArray();
            _queue.Clear();
            return rest;
        }
    }

    /// <summary>Puts the next message in the place of one that was handled; false when none waits: then the slot was taken back.</summary>
    public bool TryNext(HandlerSlot slot, ref InboundMessage message)
    {
        lock (_gate)
        {
            _bytes -= message.Context.Size;
            if (_queue.TryDequeue(out message))
            {
                return true;
            }

            // The message is nobody's now, so that a slot that rests keeps no payload.
            _slots.Push(slot);
            if (--_running == 0)
            {
                _idle?.TrySetResult();
                _idle = null;
            }

            return false;
        }
    }
}
