namespace Gossip.Messaging;

/// <summary>What messaging counted since the node started. Read by the meters.</summary>
internal sealed class MessagingCounters
{
    private long _sent;
    private long _received;
    private long _dropped;
    private long _refused;
    private long _handlerErrors;
    private long _duplicates;
    private long _retries;

    /// <summary>Messages and requests handed to the network, once per target; a gossiped broadcast counts once.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Messages and requests that were accepted for a handler.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Arrivals that were ignored: malformed, from strangers, too old, or best effort without a free handler; and own best-effort frames that were not written.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Arrivals that were refused with an answer.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public long HandlerErrors => Interlocked.Read(ref _handlerErrors);

    /// <summary>Arrivals that were seen before and not handled again.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Transmissions beyond the first.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    public void CountSent() => Interlocked.Increment(ref _sent);

    public void CountReceived() => Interlocked.Increment(ref _received);

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountHandlerError() => Interlocked.Increment(ref _handlerErrors);

    public void CountDuplicate() => Interlocked.Increment(ref _duplicates);

    public void CountRetry() => Interlocked.Increment(ref _retries);
}
