namespace Gossip.Messaging;

/// <summary>The messages to each member that wait for room and may be dropped for newer ones. All members may be called from any thread.</summary>
internal sealed class Backlog(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, LinkedList<Place>> _byTarget = [];

    /// <summary>Takes the newest place among those that wait for a member. The oldest one loses its own when there are too many.</summary>
    public Place Enter(NodeId target)
    {
        Place? dropped = null;
        var place = new Place(this, target);
        lock (_gate)
        {
            if (!_byTarget.TryGetValue(target, out var places))
            {
                _byTarget[target] = places = new LinkedList<Place>();
            }

            if (places.Count == capacity)
            {
                dropped = places.First!.Value;
                places.RemoveFirst();
            }

            places.AddLast(place);
        }

        dropped?.Drop();
        return place;
    }

    private void Leave(Place place)
    {
        lock (_gate)
        {
            if (_byTarget.TryGetValue(place.Target, out var places) && places.Remove(place) && places.Count == 0)
            {
                _byTarget.Remove(place.Target);
            }
        }
    }

    /// <summary>A message that waits. Disposed of when it waits no more.</summary>
    internal sealed class Place(Backlog backlog, NodeId target) : IDisposable
    {
        private readonly CancellationTokenSource _dropped = new();

        public NodeId Target => target;

        /// <summary>Fires when a newer one took its place.</summary>
        public CancellationToken Dropped => _dropped.Token;

        public void Drop() => _dropped.Cancel();

        public void Dispose() => backlog.Leave(this);
    }
}
