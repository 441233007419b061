namespace Gossip.Messaging;

/// <summary>The ways on which messages of one sender arrive. Each has sequences of its own, because one may overtake the other.</summary>
internal enum DeliveryLane
{
    Datagram,
    Frame,
    Reliable,
    Request,
    Broadcast,
}

/// <summary>
/// The windows of all senders. When there are too many, the one that was used least recently is forgotten: a late duplicate
/// from so quiet a sender may then be handled again, which is better than memory that grows with every stranger.
/// </summary>
internal sealed class DeliveryWindows(int capacity = DeliveryWindows.DefaultCapacity)
{
    private const int DefaultCapacity = 8192;

    private readonly Lock _gate = new();
    private readonly Dictionary<(NodeInstance, DeliveryLane), LinkedListNode<Entry>> _windows = [];
    private readonly LinkedList<Entry> _byUse = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _windows.Count;
            }
        }
    }

    /// <summary>Looks at a sequence that has arrived. The order is that of the sender's reliable messages; null on other lanes.</summary>
    public Admission Admit(NodeInstance sender, DeliveryLane lane, ulong sequence, out SendOutcome outcome, out string? error, out ArrivalOrder? order)
    {
        lock (_gate)
        {
            var window = Use((sender, lane));
            order = lane == DeliveryLane.Reliable ? window.Order : null;
            return window.Admit(sequence, out outcome, out error);
        }
    }

    public void Finish(NodeInstance sender, DeliveryLane lane, ulong sequence, SendOutcome outcome, string? error)
    {
        lock (_gate)
        {
            if (_windows.TryGetValue((sender, lane), out var node))
            {
                node.Value.Window.Finish(sequence, outcome, error);
            }
        }
    }

    private DeliveryWindow Use((NodeInstance, DeliveryLane) key)
    {
        if (_windows.TryGetValue(key, out var node))
        {
            if (node != _byUse.First)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }

            return node.Value.Window;
        }

        if (_windows.Count == capacity)
        {
            _windows.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }

        var window = new DeliveryWindow();
        _windows.Add(key, _byUse.AddFirst(new Entry(key, window)));
        return window;
    }

    private readonly record struct Entry((NodeInstance, DeliveryLane) Key, DeliveryWindow Window);
}
