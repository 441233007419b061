namespace Gossip;

/// <summary>Replies to requests as a service; see <c>AddGossipRequestHandler</c>.</summary>
/// <typeparam name="TRequest">The type of the requests.</typeparam>
/// <typeparam name="TReply">The type of the replies.</typeparam>
public interface IRequestHandler<in TRequest, TReply>
{
    /// <summary>Replies to a request. An exception is reported to the requester as <see cref="RemoteHandlerException"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="cancellationToken">Fires when the requester gives up, or the node stops.</param>
    /// <returns>The reply.</returns>
    ValueTask<TReply> HandleAsync(TRequest request, MessageContext context, CancellationToken cancellationToken);
}
