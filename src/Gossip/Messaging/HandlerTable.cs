using System.Collections.Concurrent;

namespace Gossip.Messaging;

/// <summary>Runs for one message or request; what it returns is sent back for a request and ignored for a message.</summary>
internal delegate ValueTask<MessagePayload> MessageHandler(MessageContext context, CancellationToken cancellationToken);

/// <summary>Who handles what: at most one handler for each message type and verb. Handlers come and go at any time.</summary>
internal sealed class HandlerTable
{
    private readonly ConcurrentDictionary<(int Type, MessageVerb Verb), HandlerEntry> _handlers = new();

    public HandlerEntry? Find(int type, MessageVerb verb) => _handlers.GetValueOrDefault((type, verb));

    /// <summary>Adds a handler until the returned registration is disposed.</summary>
    /// <exception cref="MessageTypeException">The type has a handler for this verb.</exception>
    public IDisposable Add(int type, MessageVerb verb, MessageHandler handler, HandlerOptions? options)
    {
        var entry = new HandlerEntry(handler, HandlerOptions.Checked(options));
        return _handlers.TryAdd((type, verb), entry)
            ? new Registration(this, new((type, verb), entry))
            : throw new MessageTypeException(
                $"Message type {type} has a {(verb == MessageVerb.Request ? "request" : "message")} handler already: dispose the first registration, or use another type number.");
    }

    private sealed class Registration(HandlerTable table, KeyValuePair<(int, MessageVerb), HandlerEntry> entry) : IDisposable
    {
        // Removing the pair, and not the key, makes a second Dispose harmless to a successor.
        public void Dispose() => table._handlers.TryRemove(entry);
    }
}
