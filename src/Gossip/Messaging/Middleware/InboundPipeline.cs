using System.Collections.Immutable;

namespace Gossip.Messaging;

/// <summary>Runs messages and requests that arrive through the middleware, and into their handlers. Without middleware that costs nothing.</summary>
internal sealed class InboundPipeline
{
    private readonly Chain<MessageMiddleware> _chain = new();

    public IDisposable Add(MessageMiddleware middleware) => _chain.Add(middleware);

    public ValueTask<MessagePayload> RunAsync(MessageHandler handler, MessageContext context, CancellationToken cancellationToken)
    {
        var entries = _chain.Entries;
        return entries.IsEmpty ? handler(context, cancellationToken) : RunFromAsync(entries, 0, handler, context, cancellationToken);
    }

    private static ValueTask<MessagePayload> RunFromAsync(
        ImmutableArray<Chain<MessageMiddleware>.Entry> entries, int index, MessageHandler handler, MessageContext context, CancellationToken cancellationToken) =>
        index == entries.Length
            ? handler(context, cancellationToken)
            : entries[index].Middleware(context, (next, token) => RunFromAsync(entries, index + 1, handler, next, token), cancellationToken);
}
