namespace Gossip.Dissemination;

/// <summary>What the repair of broadcasts did, over all lives of a node. The engine counts, any thread may read.</summary>
internal sealed class BroadcastCounters
{
    private long _kept;
    private long _keptBytes;
    private long _dropped;
    private long _repaired;
    private long _fetched;
    private long _served;

    /// <summary>Broadcasts in the window now.</summary>
    public long Kept => Volatile.Read(ref _kept);

    /// <summary>Their bytes.</summary>
    public long KeptBytes => Volatile.Read(ref _keptBytes);

    /// <summary>Broadcasts that left the window before their time, because it was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Broadcasts that this node had missed, and got because a digest told of them.</summary>
    public long Repaired => Volatile.Read(ref _repaired);

    /// <summary>Large broadcasts that this node got because a rumour told of them.</summary>
    public long Fetched => Volatile.Read(ref _fetched);

    /// <summary>Broadcasts that this node sent to others who asked for them.</summary>
    public long Served => Volatile.Read(ref _served);

    public void Hold(int count, long bytes)
    {
        Volatile.Write(ref _kept, count);
        Volatile.Write(ref _keptBytes, bytes);
    }

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public void CountRepaired() => Interlocked.Increment(ref _repaired);

    public void CountFetched() => Interlocked.Increment(ref _fetched);

    public void CountServed() => Interlocked.Increment(ref _served);
}
