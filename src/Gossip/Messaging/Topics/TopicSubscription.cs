namespace Gossip.Messaging;

/// <summary>One subscription of this node, until it is disposed.</summary>
internal sealed class TopicSubscription(Interest interest, ITopicConsumer consumer, Func<TopicSubscription, ValueTask> withdraw) : IAsyncDisposable
{
    private int _disposed;

    public Interest Interest { get; } = interest;

    public ITopicConsumer Consumer { get; } = consumer;

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _disposed, 1) == 0 ? withdraw(this) : default;
}

/// <summary>What becomes of the publications of a subscription.</summary>
internal interface ITopicConsumer
{
    /// <summary>Keeps a place for a publication; false when there is none. What is kept is used or given back.</summary>
    bool TryReserve(int size);

    /// <summary>Gives a kept place back unused.</summary>
    void Release(int size);

    /// <summary>Handles a publication for which a place was kept.</summary>
    ValueTask<MessagePayload> HandleAsync(MessageContext context, CancellationToken cancellationToken);
}

/// <summary>Hands publications to a function. The places are those of the messages' handlers.</summary>
internal sealed class HandlingConsumer(Func<MessageContext, CancellationToken, ValueTask> handler) : ITopicConsumer
{
    public bool TryReserve(int size) => true;

    public void Release(int size)
    {
        // Nothing was kept.
    }

    public async ValueTask<MessagePayload> HandleAsync(MessageContext context, CancellationToken cancellationToken)
    {
        await handler(context, cancellationToken).ConfigureAwait(false);
        return default;
    }
}
