namespace Gossip.Messaging;

/// <summary>
/// Which reliable messages of one sender have arrived, so that those of ordered handlers wait for the ones before them. Each message says which is the oldest one that its sender has not
/// finished: what is older, and has not come, never will. Guarded by <see cref="HandlerDispatcher"/>.
/// </summary>
internal sealed class ArrivalOrder
{
    private readonly bool[] _arrived = new bool[DeliveryWindow.Size]; // of those after _complete
    private readonly SortedDictionary<ulong, InboundMessage> _held = [];
    private ulong _complete; // all up to this one have come, or never will

    public int Held => _held.Count;

    /// <summary>What is older than this, and has not come, never will.</summary>
    public void Raise(ulong oldest)
    {
        Complete(oldest - 1);
        GoOn();
    }

    /// <summary>Whether a message comes after those behind it: its sender had given it up.</summary>
    public bool IsPast(ulong sequence) => sequence <= _complete;

    /// <summary>A message has arrived, whatever becomes of it.</summary>
    public void Arrive(ulong sequence, ulong oldest)
    {
        Raise(oldest);
        if (sequence > _complete)
        {
            // No sender gets so far ahead of its oldest one; whoever does is not waited for.
            Complete(sequence - Math.Min(sequence, DeliveryWindow.Size));
            _arrived[sequence % DeliveryWindow.Size] = true;
            GoOn();
        }
    }

    /// <summary>Whether none is missing before a message that has arrived, and none is held that comes before it.</summary>
    public bool IsNext(ulong sequence) => sequence <= _complete && _held.Count == 0;

    public void Hold(ulong sequence, in InboundMessage message) => _held[sequence] = message;

    /// <summary>Gives back the next held message before which none is missing.</summary>
    public bool TryRelease(out InboundMessage message)
    {
        foreach (var (sequence, held) in _held)
        {
            message = held;
            return sequence <= _complete && _held.Remove(sequence);
        }

        message = default;
        return false;
    }

    /// <summary>Gives back the held messages of which something is true.</summary>
    public IEnumerable<InboundMessage> Take(Func<InboundMessage, bool> predicate)
    {
        var taken = _held.Where(pair => predicate(pair.Value)).ToArray();
        foreach (var (sequence, message) in taken)
        {
            _held.Remove(sequence);
            yield return message;
        }
    }

    /// <summary>Those that have come already are no more in the way.</summary>
    private void GoOn()
    {
        while (_arrived[(_complete + 1) % DeliveryWindow.Size])
        {
            Complete(_complete + 1);
        }
    }

    private void Complete(ulong upTo)
    {
        if (upTo <= _complete)
        {
            return;
        }

        if (upTo - _complete >= DeliveryWindow.Size)
        {
            Array.Clear(_arrived);
        }
        else
        {
            while (_complete != upTo)
            {
                _arrived[++_complete % DeliveryWindow.Size] = false;
            }
        }

        _complete = upTo;
    }
}
