using Gossip.Transport;

namespace Gossip.Messaging;

/// <summary>An accepted message on its way to its handler, and what is needed to answer it. A value, so that the way costs no memory.</summary>
internal readonly struct InboundMessage(
    MessageContext context, DeliveryLane lane, TimeSpan timeout, long arrived, ITransportConnection? connection, CancellationTokenSource? cancellation)
{
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

    public bool IsAnswered => Lane is DeliveryLane.Reliable or DeliveryLane.Request;
}
