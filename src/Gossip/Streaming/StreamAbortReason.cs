namespace Gossip;

/// <summary>Why a stream ended before its time. The numbers below 64 are used on the wire.</summary>
public enum StreamAbortReason
{
    /// <summary>One side gave it up: it aborted the stream, completed one end of it with an error, or disposed of it before its output was complete.</summary>
    Aborted = 1,

    /// <summary>The handler that accepted it threw.</summary>
    HandlerFailed = 2,

    /// <summary>One of the two nodes stops, and the time for it is over.</summary>
    Stopping = 3,

    /// <summary>A frame was lost or came out of order, or a side sent more than it was allowed to. The stream ends rather than carry wrong bytes.</summary>
    Protocol = 4,

    /// <summary>The connection that carried it ended.</summary>
    ConnectionLost = 64,

    /// <summary>The member at the other end left, died or restarted.</summary>
    MemberGone = 65,
}

/// <summary>A stream ended before its time: what was not read of it is lost, and what was written may not have been read.</summary>
public sealed class StreamAbortedException : GossipException
{
    internal StreamAbortedException(NodeInstance peer, in Streaming.Ending ending)
        : base($"The stream with {peer} was aborted ({ending.Reason}): {ending.Text}")
    {
        Peer = peer;
        Reason = ending.Reason;
    }

    /// <summary>The node at the other end.</summary>
    public NodeInstance Peer { get; }

    /// <summary>Why.</summary>
    public StreamAbortReason Reason { get; }
}
