namespace Gossip.Messaging;

/// <summary>A registered handler, and the gates before it. The gates are guarded by <see cref="HandlerDispatcher"/>.</summary>
internal sealed class HandlerEntry(MessageHandler run, HandlerOptions options)
{
    private readonly HandlerGate? _all = options.MaxConcurrency is { } limit ? new HandlerGate(limit) : null;
    private readonly Dictionary<object, HandlerGate> _byKey = [];

    public MessageHandler Run => run;

    /// <summary>Most handlers have no gate, and their messages are spared all of this.</summary>
    public bool HasGates { get; } = options.MaxConcurrency is not null || options.Ordering != MessageOrdering.None;

    public bool IsOrdered { get; } = options.Ordering != MessageOrdering.None;

    /// <summary>Whether no message is behind a gate.</summary>
    public bool IsIdle => _byKey.Count == 0 && _all is not { IsIdle: false };

    /// <summary>How many messages wait before a gate, or for a message before them.</summary>
    public int Waiting { get; set; }

    /// <summary>The bytes of their content.</summary>
    public long WaitingBytes { get; set; }

    public object? KeyOf(MessageContext context) => options.Ordering.KeyOf(context);

    /// <summary>Passes the gates one after the other, from a place on: first the one of its key, then the handler's. False when the message waits before one.</summary>
    public bool TryPass(in InboundMessage message, HandlerStage from = HandlerStage.Key)
    {
        if (from == HandlerStage.Key && message.Key is { } key)
        {
            if (!_byKey.TryGetValue(key, out var gate))
            {
                _byKey[key] = gate = new HandlerGate(limit: 1);
            }

            if (!gate.TryEnter(message))
            {
                return false;
            }
        }

        return _all is null || _all.TryEnter(message);
    }

    /// <summary>A message has been handled: those that were held up by it go on, as far as they get. The ones that passed their last gate are added to <paramref name="passed"/>.</summary>
    public void Leave(in InboundMessage message, Queue<InboundMessage> passed)
    {
        if (_all is not null && _all.Leave(out var next))
        {
            passed.Enqueue(next);
        }

        if (message.Key is not { } key || !_byKey.TryGetValue(key, out var gate))
        {
            return;
        }

        if (gate.Leave(out next))
        {
            if (TryPass(next, HandlerStage.Handler))
            {
                passed.Enqueue(next);
            }
        }
        else if (gate.IsIdle)
        {
            _byKey.Remove(key);
        }
    }

    /// <summary>Gives back those that wait before a gate.</summary>
    public IEnumerable<InboundMessage> Clear() => [.. _byKey.Values.SelectMany(static gate => gate.Clear()), .. _all?.Clear() ?? []];
}

/// <summary>The gates before a handler, in their order.</summary>
internal enum HandlerStage
{
    Key,
    Handler,
}
