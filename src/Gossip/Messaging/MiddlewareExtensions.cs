namespace Gossip;

/// <summary>Middleware that comes with the library.</summary>
public static class MiddlewareExtensions
{
    /// <summary>
    /// Lets messages and requests of one type through only when a rule allows it; the sender of any other is told <see cref="SendOutcome.Failed"/>, or by a <see cref="RemoteHandlerException"/>, with an <see cref="UnauthorizedAccessException"/>.
    /// Where packets are sealed the sender is authenticated as one who has the cluster's key, not by its identity: with that key it may call itself what it likes.
    /// </summary>
    /// <param name="messages">The node's messages.</param>
    /// <param name="type">The message type number.</param>
    /// <param name="isAllowed">The rule; it has the message, and the sender as this node knows it, which is null for a client.</param>
    /// <returns>Takes the rule back when disposed.</returns>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    public static IDisposable Authorize(this GossipMessaging messages, int type, Func<MessageContext, ClusterMember?, bool> isAllowed)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(isAllowed);
        MessageTypeNumber.Checked(type);
        return messages.Use((context, next, cancellationToken) =>
            context.Type != type || isAllowed(context, messages.Find(context.Sender))
                ? next(context, cancellationToken)
                : throw new UnauthorizedAccessException($"Messages of type {type} are not allowed from {context.Sender}."));
    }

    /// <summary>As <see cref="Authorize(GossipMessaging, int, Func{MessageContext, ClusterMember?, bool})"/>: allows it to members that carry a tag, and to no client.</summary>
    /// <param name="messages">The node's messages.</param>
    /// <param name="type">The message type number.</param>
    /// <param name="tag">The tag; case-sensitive.</param>
    /// <returns>Takes the rule back when disposed.</returns>
    /// <exception cref="MessageTypeException">The number is out of range.</exception>
    public static IDisposable RequireSenderTag(this GossipMessaging messages, int type, string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return messages.Authorize(type, (_, sender) => sender?.HasTag(tag) == true);
    }
}
