namespace Gossip.Messaging;

/// <summary>
/// Runs handlers on the thread pool, a bounded number at once, with a bounded queue before them. A handler that hangs
/// occupies its slot and nothing else.
/// </summary>
internal sealed class HandlerDispatcher(MessagingOptions options, Func<InboundMessage, Task> run)
{
    private readonly Lock _gate = new();
    private readonly Queue<InboundMessage> _queue = new();
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
    public bool TryEnqueue(InboundMessage message)
    {
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
        }

        ThreadPool.UnsafeQueueUserWorkItem(static slot => _ = slot.This.RunAsync(slot.First), (This: this, First: message), preferLocal: false);
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

    private async Task RunAsync(InboundMessage first)
    {
        for (var message = first; message is not null; message = Next(message))
        {
            await run(message).ConfigureAwait(false);
        }
    }

    private InboundMessage? Next(InboundMessage finished)
    {
        lock (_gate)
        {
            _bytes -= finished.Context.Size;
            if (_queue.TryDequeue(out var next))
            {
                return next;
            }

            if (--_running == 0)
            {
                _idle?.TrySetResult();
                _idle = null;
            }

            return null;
        }
    }
}
