using System.Collections.Immutable;

namespace Gossip.Messaging;

/// <summary>The middleware before the handlers, in the order of registration. It may change at any time; a message that is under way goes on through what was there when it started.</summary>
internal sealed class Pipeline
{
    private ImmutableArray<Entry> _entries = [];

    /// <summary>Adds a middleware behind those that are there, until the result is disposed.</summary>
    public IDisposable Add(MessageMiddleware middleware)
    {
        var entry = new Entry(this, middleware);
        ImmutableInterlocked.Update(ref _entries, entries => entries.Add(entry));
        return entry;
    }

    /// <summary>Runs a message through the middleware and into its handler. Without middleware that costs nothing.</summary>
    public ValueTask<MessagePayload> RunAsync(MessageHandler handler, MessageContext context, CancellationToken cancellationToken)
    {
        var entries = _entries;
        return entries.IsEmpty ? handler(context, cancellationToken) : RunFromAsync(entries, 0, handler, context, cancellationToken);
    }

    private static ValueTask<MessagePayload> RunFromAsync(
        ImmutableArray<Entry> entries, int index, MessageHandler handler, MessageContext context, CancellationToken cancellationToken) =>
        index == entries.Length
            ? handler(context, cancellationToken)
            : entries[index].Middleware(context, (next, token) => RunFromAsync(entries, index + 1, handler, next, token), cancellationToken);

    private sealed class Entry(Pipeline pipeline, MessageMiddleware middleware) : IDisposable
    {
        public MessageMiddleware Middleware => middleware;

        public void Dispose() => ImmutableInterlocked.Update(ref pipeline._entries, entries => entries.Remove(this));
    }
}
