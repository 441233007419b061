using Gossip.Transport;

namespace Gossip.Messaging;

/// <summary>An accepted message on its way to its handler, and what is needed to answer it. A value, so that the way costs no memory.</summary>
internal readonly struct InboundMessage(
    HandlerEntry handler, MessageContext context, DeliveryLane lane, TimeSpan timeout, long arrived, ITransportConnection? connection, CancellationTokenSource? cancellation)
{
    /// <summary>Who is to handle it, as it was when the message arrived.</summary>
    public HandlerEntry Handler { get; } = handler;

    public MessageContext Context { get; } = context;

    public DeliveryLane Lane { get; } = lane;

    /// <summary>How long after its arrival the sender stops to wait.</summary>
    public TimeSpan Timeout { get; } = timeout;

    /// <summary>The timestamp of its arrival.</summary>
    public long Arrived { get; } = arrived;

    /// <summary>Where the answer goes; null when the message came as a datagram or by gossip.</summary>
    public ITransportConnection? Connection { get; } = connection;

    /// <summary>Fires for a request when its sender gives up; null for messages.</summary>
    public CancellationTokenSource? Cancellation { get; } = cancellation;

    /// <summary>Messages of the handler with the same key are handled one after the other; null for any other message.</summary>
    public object? Key { get; } = handler.IsOrdered ? handler.KeyOf(context) : null;

    /// <summary>The order in which its sender's reliable messages arrive; null for messages that arrive otherwise.</summary>
    public ArrivalOrder? Order { get; init; }

    /// <summary>The sequence of the oldest reliable message that its sender had not finished when it sent this one.</summary>
    public ulong Oldest { get; init; }

    public bool IsAnswered => Lane is DeliveryLane.Reliable or DeliveryLane.Request;
}
