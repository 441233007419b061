namespace Gossip.Messaging;

/// <summary>
/// Deliveries that wait for room among the unfinished ones, in the order in which they were sent. Of those to one target that may be dropped only the newest stay. Guarded by <see cref="PendingDeliveries"/>.
/// </summary>
internal sealed class OverflowQueue(int droppable)
{
    private readonly LinkedList<PendingDelivery> _waiting = new();
    private readonly Dictionary<NodeId, Queue<PendingDelivery>> _droppable = [];

    public int Count => _waiting.Count;

    /// <summary>Adds a delivery; gives back the one that has to go for it.</summary>
    public PendingDelivery? Add(PendingDelivery delivery, bool mayBeDropped)
    {
        delivery.Waiting = _waiting.AddLast(delivery);
        if (!mayBeDropped)
        {
            return null;
        }

        if (!_droppable.TryGetValue(delivery.Target.Id, out var rivals))
        {
            _droppable[delivery.Target.Id] = rivals = new Queue<PendingDelivery>();
        }

        rivals.Enqueue(delivery);
        if (rivals.Count > droppable)
        {
            rivals = _droppable[delivery.Target.Id] = new(rivals.Where(static rival => rival.Waiting is not null));
        }

        return rivals.Count > droppable ? rivals.Dequeue() : null;
    }

    public void Remove(PendingDelivery delivery)
    {
        if (delivery.Waiting is { } place)
        {
            _waiting.Remove(place);
            delivery.Waiting = null;
            if (_waiting.Count == 0)
            {
                _droppable.Clear();
            }
        }
    }

    public bool TryTake(out PendingDelivery delivery)
    {
        delivery = _waiting.First?.Value!;
        if (delivery is null)
        {
            return false;
        }

        Remove(delivery);
        return true;
    }
}
