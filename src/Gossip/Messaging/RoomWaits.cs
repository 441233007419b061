namespace Gossip.Messaging;

/// <summary>Makes what a message waits by that has no room: a token that fires when its time is over, it is dropped for a newer one, its caller gives up, or the node stops.</summary>
internal sealed class RoomWaits(TimeProvider time, int capacity, CancellationToken stopped)
{
    private readonly Backlog _backlog = new(capacity);

    public Wait Begin(NodeId target, QueueFullMode whenFull, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var place = whenFull == QueueFullMode.DropOldest ? _backlog.Enter(target) : null;
        var timer = new CancellationTokenSource(timeout, time);
        return new Wait(place, timer, CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken, stopped, place?.Dropped ?? default));
    }

    internal sealed class Wait(Backlog.Place? place, CancellationTokenSource timer, CancellationTokenSource any) : IDisposable
    {
        public CancellationToken Token => any.Token;

        /// <summary>Whether a newer message took its place.</summary>
        public bool IsDropped => place?.Dropped.IsCancellationRequested == true;

        public void Dispose()
        {
            place?.Dispose();
            timer.Dispose();
            any.Dispose();
        }
    }
}
