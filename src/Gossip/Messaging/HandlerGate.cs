namespace Gossip.Messaging;

/// <summary>Lets a bounded number of messages pass at once; the others wait before it, in order. Guarded by <see cref="HandlerDispatcher"/>.</summary>
internal sealed class HandlerGate(int limit)
{
    private readonly Queue<InboundMessage> _waiting = new();
    private int _inside;

    public bool IsIdle => _inside == 0;

    /// <summary>False when the message waits now.</summary>
    public bool TryEnter(in InboundMessage message)
    {
        if (_inside < limit)
        {
            _inside++;
            return true;
        }

        _waiting.Enqueue(message);
        return false;
    }

    /// <summary>One is done. True when another one has its place now.</summary>
    public bool Leave(out InboundMessage next)
    {
        if (_waiting.TryDequeue(out next))
        {
            return true;
        }

        _inside--;
        return false;
    }

    /// <summary>Gives back those that wait.</summary>
    public InboundMessage[] Clear()
    {
        var rest = _waiting.ToArray();
        _waiting.Clear();
        return rest;
    }
}
