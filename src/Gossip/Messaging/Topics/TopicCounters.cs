namespace Gossip.Messaging;

/// <summary>What topics counted since the node started. Read by the meters.</summary>
internal sealed class TopicCounters
{
    private long _published;
    private long _delivered;
    private long _failovers;

    /// <summary>Publications of this node, with those that nobody subscribed to.</summary>
    public long Published => Interlocked.Read(ref _published);

    /// <summary>Publications that a subscription of this node handled, each subscription counted.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>How often another node of a queue group was tried.</summary>
    public long Failovers => Interlocked.Read(ref _failovers);

    public void CountPublished() => Interlocked.Increment(ref _published);

    public void CountDelivered() => Interlocked.Increment(ref _delivered);

    public void CountFailovers(int count) => Interlocked.Add(ref _failovers, count);
}
