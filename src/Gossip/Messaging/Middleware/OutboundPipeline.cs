using System.Collections.Immutable;

namespace Gossip.Messaging;

/// <summary>Runs messages and requests that are to be sent through the middleware, and on to whoever sends them.</summary>
internal sealed class OutboundPipeline
{
    private readonly Chain<OutboundMiddleware> _chain = new();

    public bool IsEmpty => _chain.Entries.IsEmpty;

    public IDisposable Add(OutboundMiddleware middleware) => _chain.Add(middleware);

    public ValueTask<OutboundResult> RunAsync(OutboundMessage message, OutboundNext send, CancellationToken cancellationToken) =>
        RunFromAsync(_chain.Entries, 0, message, send, cancellationToken);

    private static ValueTask<OutboundResult> RunFromAsync(
        ImmutableArray<Chain<OutboundMiddleware>.Entry> entries, int index, OutboundMessage message, OutboundNext send, CancellationToken cancellationToken) =>
        index == entries.Length
            ? send(message, cancellationToken)
            : entries[index].Middleware(message, (next, token) => RunFromAsync(entries, index + 1, next, send, token), cancellationToken);
}
