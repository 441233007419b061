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
            var running = run(_message);
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
        await running.ConfigureAwait(false);
        while (dispatcher.TryNext(this, ref _message))
        {
            await run(_message).ConfigureAwait(false);
        }
    }
}
