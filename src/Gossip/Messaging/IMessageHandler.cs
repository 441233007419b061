namespace Gossip;

/// <summary>Handles messages as a service; see <c>AddGossipHandler</c>.</summary>
/// <typeparam name="TMessage">The type of the messages.</typeparam>
public interface IMessageHandler<in TMessage>
{
    /// <summary>Handles a message. An exception is reported to the sender as <see cref="SendOutcome.Failed"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="context">Who sent it, and how.</param>
    /// <param name="cancellationToken">Fires when the node stops.</param>
    /// <returns>A task that ends when the message is handled.</returns>
    ValueTask HandleAsync(TMessage message, MessageContext context, CancellationToken cancellationToken);
}
