using Gossip.Transport;

namespace Gossip.Streaming;

/// <summary>What streams did since the node started. Read by the meters.</summary>
internal sealed class StreamCounters
{
    /// <summary>Streams that this node opened and others accepted.</summary>
    public Counter Opened;

    /// <summary>Streams that others opened and this node accepted.</summary>
    public Counter Accepted;

    /// <summary>Streams of others that this node did not take.</summary>
    public Counter Refused;

    /// <summary>Streams that ended before their time.</summary>
    public Counter Aborted;

    /// <summary>Frames that were dropped: malformed, from strangers, or of streams that are over.</summary>
    public Counter Dropped;

    public Counter BytesIn;
    public Counter BytesOut;
}
