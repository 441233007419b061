namespace Gossip;

/// <summary>What stands behind a middleware: the next one, and in the end the handler.</summary>
/// <param name="context">The message or request.</param>
/// <param name="cancellationToken">Fires when the requester gives up, or the node stops.</param>
/// <returns>The reply to a request; empty for a message.</returns>
public delegate ValueTask<MessagePayload> MessageNext(MessageContext context, CancellationToken cancellationToken);

/// <summary>
/// Stands before the handlers of all messages and requests that arrive: it may look, refuse by throwing, change the reply, or not call what is behind it. Nothing it does harms the node; what it throws is reported to the sender as a handler's error would be.
/// </summary>
/// <param name="context">The message or request.</param>
/// <param name="next">What stands behind it.</param>
/// <param name="cancellationToken">Fires when the requester gives up, or the node stops.</param>
/// <returns>The reply to a request; what is returned for a message is ignored.</returns>
public delegate ValueTask<MessagePayload> MessageMiddleware(MessageContext context, MessageNext next, CancellationToken cancellationToken);
