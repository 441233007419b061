namespace Gossip.Messaging;

/// <summary>
/// One of the places where handlers run, one message after another, on the thread pool. It is used again and again, so that a message needs
/// neither a work item nor a task of its own.
/// </summary>
internal sealed class HandlerSlot(HandlerDispatcher dispatcher, Func<InboundMessage, ValueTask> run) : IThreadPoolWorkItem
{
    private InboundMessage _message;

    public void Start(in InboundMessage first)
    {
        _message = first;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            var running = Run();
            if (!running.IsCompletedSuccessfully)
            {
                _ = GoOnAsync(running);
                return;
            }
        }
        while (dispatcher.TryNext(this, ref _message)); // when there is none, the slot is somebody else's
    }

    private async Task GoOnAsync(ValueTask running)
    {
        await ContainAsync(running).ConfigureAwait(false);
        while (dispatcher.TryNext(this, ref _message))
        {
            await ContainAsync(Run()).ConfigureAwait(false);
        }
    }

    /// <summary>Handlers' exceptions never come here; those of a log provider, which was to be told of one, can, and must not cost the slot.</summary>
    private ValueTask Run()
    {
        try
        {
            return run(_message);
        }
        catch (Exception)
        {
            return default; // there is nobody left to tell
        }
    }

    private static async ValueTask ContainAsync(ValueTask running)
    {
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // As in Run.
        }
    }
}
