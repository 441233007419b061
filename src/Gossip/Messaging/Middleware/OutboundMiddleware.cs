namespace Gossip;

/// <summary>A message or request that is to be sent. A middleware passes on another one to change it.</summary>
public sealed record OutboundMessage
{
    /// <summary>Whom it is for; of a request one node.</summary>
    public required Target Target { get; init; }

    /// <summary>The message type number.</summary>
    public required int Type { get; init; }

    /// <summary>Whether a reply is waited for. What a middleware puts here is ignored.</summary>
    public required MessageVerb Verb { get; init; }

    /// <summary>The content.</summary>
    public required MessagePayload Payload { get; init; }

    /// <summary>The headers; null for none. The limits of <see cref="SendOptions.Headers"/> are checked behind the last middleware.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>How it is delivered; requests are always <see cref="Gossip.Delivery.Reliable"/>.</summary>
    public required Delivery Delivery { get; init; }

    /// <summary>How long it may take.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>What became of a message or request that was sent.</summary>
public readonly record struct OutboundResult
{
    /// <summary>What became of a message.</summary>
    /// <param name="result">What became of it at each target.</param>
    public OutboundResult(SendResult result) => Result = result;

    /// <summary>The reply to a request.</summary>
    /// <param name="reply">The content of the reply.</param>
    public OutboundResult(MessagePayload reply) => Reply = reply;

    /// <summary>What became of a message at each target; null for a request.</summary>
    public SendResult? Result { get; }

    /// <summary>The reply to a request; empty for a message.</summary>
    public MessagePayload Reply { get; }
}

/// <summary>What stands behind an outbound middleware: the next one, and in the end the sending.</summary>
/// <param name="message">The message or request.</param>
/// <param name="cancellationToken">The token of whoever sends.</param>
/// <returns>What became of it. A request that fails throws what <see cref="GossipMessaging.RequestAsync(NodeId, int, MessagePayload, RequestOptions?, CancellationToken)"/> throws.</returns>
public delegate ValueTask<OutboundResult> OutboundNext(OutboundMessage message, CancellationToken cancellationToken);

/// <summary>
/// Stands before the sending of all messages and requests of a node, also those of <see cref="GossipMessaging.RequestEachAsync(Target, int, MessagePayload, RequestOptions?, CancellationToken)"/>, each member's on its own: it may look, pass on another one, answer
/// itself, send again, or refuse by throwing, which whoever sends sees.
/// </summary>
/// <param name="message">The message or request.</param>
/// <param name="next">What stands behind it.</param>
/// <param name="cancellationToken">The token of whoever sends.</param>
/// <returns>What became of it: for a message with a <see cref="OutboundResult.Result"/>, for a request with the reply.</returns>
public delegate ValueTask<OutboundResult> OutboundMiddleware(OutboundMessage message, OutboundNext next, CancellationToken cancellationToken);
