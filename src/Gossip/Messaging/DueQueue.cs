namespace Gossip.Messaging;

/// <summary>
/// One timer for all pending deliveries, armed for the earliest. An entry is not removed when its delivery is moved or ends;
/// it is skipped when its time comes. The caller's lock guards it.
/// </summary>
internal sealed class DueQueue(TimeProvider timeProvider, TimerCallback onDue)
{
    private readonly PriorityQueue<PendingDelivery, TimeSpan> _queue = new();
    private readonly ITimer _timer = timeProvider.CreateTimer(onDue, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    private readonly long _origin = timeProvider.GetTimestamp();
    private TimeSpan _armedFor = TimeSpan.MaxValue;

    /// <summary>The time since the queue was made. It never goes back.</summary>
    public TimeSpan Now => timeProvider.GetElapsedTime(_origin);

    public void Schedule(PendingDelivery delivery, TimeSpan due)
    {
        delivery.Due = due;
        _queue.Enqueue(delivery, due);
        if (due < _armedFor)
        {
            Arm(due);
        }
    }

    /// <summary>Takes the next delivery whose time has come.</summary>
    public bool TryTake(TimeSpan now, out PendingDelivery delivery)
    {
        while (_queue.TryPeek(out delivery!, out var due) && due <= now)
        {
            _queue.Dequeue();
            if (!delivery.IsOver && delivery.Due == due)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Arms the timer for what is left, after the due ones were taken.</summary>
    public void Rearm()
    {
        _armedFor = TimeSpan.MaxValue;
        if (_queue.TryPeek(out _, out var due))
        {
            Arm(due);
        }
    }

    public void Close()
    {
        _timer.Dispose();
        _queue.Clear();
    }

    private void Arm(TimeSpan due)
    {
        _armedFor = due;
        var wait = due - Now;

        // Timers count whole milliseconds and cut the rest: without rounding up they would fire just too early and spin.
        _timer.Change(wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
