using Gossip.Dissemination;
using Gossip.Messaging;

namespace Gossip;

/// <summary>How many messages a node handles at once, and how many may wait. What comes beyond is refused, and its sender is told.</summary>
public sealed class MessagingOptions
{
    /// <summary>How many handlers run at once: at least 1. Default: twice the processors, at least 8.</summary>
    public int HandlerConcurrency { get; set; } = Math.Max(MessageLimits.MinDefaultConcurrency, 2 * Environment.ProcessorCount);

    /// <summary>How many messages may wait for a handler: at least 0. Default: 1024.</summary>
    public int HandlerQueue { get; set; } = MessageLimits.DefaultQueue;

    /// <summary>How many bytes of payload may be held for waiting and running handlers: at least <see cref="GossipMessaging.MaxMessageSize"/>. Default: 64 MiB.</summary>
    public long HandlerBytes { get; set; } = MessageLimits.DefaultHandlerBytes;

    /// <summary>
    /// The largest payload of a reliable message, of a request and of a reply, in bytes; this node sends and takes no larger ones, nor larger ones than <see cref="HandlerBytes"/>.
    /// What is larger than <see cref="GossipMessaging.MaxMessageSize"/> travels in parts of 1 MiB, which a target keeps until the last has come. Equal on all nodes.
    /// From <see cref="GossipMessaging.MaxMessageSize"/> to 1 GiB. Default: 32 MiB.
    /// </summary>
    public int MaxMessageBytes { get; set; } = MessageLimits.DefaultMaxMessage;

    /// <summary>How many reliable sends (counted per target) and requests may be unfinished at once: at least 1. Default: 65536.</summary>
    public int MaxPending { get; set; } = MessageLimits.DefaultPending;

    /// <summary>How many messages to one member may wait for room that are sent with <see cref="QueueFullMode.DropOldest"/>: at least 1. Default: 1024.</summary>
    public int SendQueue { get; set; } = MessageLimits.DefaultQueue;

    /// <summary>
    /// How long each node keeps best-effort messages to <see cref="Target.All"/>, whoever sent them, for members that missed them: who joins gets what was sent in this
    /// time before, and who was cut off for less gets what he missed. Zero keeps nothing; then what is lost stays lost, and what does not fit a datagram
    /// is sent to each member separately. Zero, or from a second to ten minutes, equal on all nodes. Default: 30 s.
    /// </summary>
    public TimeSpan BroadcastWindow { get; set; } = TimeSpan.FromSeconds(MessageLimits.DefaultBroadcastSeconds);

    /// <summary>How many bytes of these messages each node keeps; the oldest make room. 8 MiB to 1 GiB. Default: 16 MiB.</summary>
    public int BroadcastBytes { get; set; } = BroadcastLimits.DefaultBytes;

    internal MessagingOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SendQueue, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HandlerConcurrency, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(HandlerQueue);
        ArgumentOutOfRangeException.ThrowIfLessThan(HandlerBytes, GossipMessaging.MaxMessageSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, GossipMessaging.MaxMessageSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxMessageBytes, MessageLimits.MaxMaxMessage);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPending, 1);
        if (BroadcastWindow != TimeSpan.Zero)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(BroadcastWindow, MessageLimits.MinBroadcastWindow);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(BroadcastWindow, MessageLimits.MaxBroadcastWindow);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(BroadcastBytes, BroadcastLimits.MinBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BroadcastBytes, BroadcastLimits.MaxBytes);
        return this;
    }
}
