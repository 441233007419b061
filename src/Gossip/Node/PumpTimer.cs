namespace Gossip.Node;

/// <summary>The one timer of a pump: one-shot, and armed anew only when the deadline has moved.</summary>
internal sealed class PumpTimer : IAsyncDisposable
{
    /// <summary>
    /// The clock that timers go by moves in steps (4 ms on Linux, 16 ms on Windows), so they fire up to one step too early. Whoever then
    /// waits for the rest by the millisecond wakes several times for nothing.
    /// </summary>
    private static readonly long Grain = TimeSpan.FromMilliseconds(4).Ticks;

    /// <summary>A short wait is not made longer by more than this part of it.</summary>
    private const int GrainPart = 16;

    private readonly PumpClock _clock;
    private readonly ITimer _timer;
    private long _due = long.MaxValue;

    public PumpTimer(TimeProvider time, PumpClock clock, Action fired)
    {
        _clock = clock;
        _timer = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _due, long.MaxValue); // it may have been early: whoever runs next must arm it again
                fired();
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public void Arm(long deadline)
    {
        var now = _clock.Ticks;
        if (deadline == Volatile.Read(ref _due) && deadline > now)
        {
            return;
        }

        Volatile.Write(ref _due, deadline);
        _timer.Change(deadline == long.MaxValue ? Timeout.InfiniteTimeSpan : Wait(deadline - now), Timeout.InfiniteTimeSpan);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private static TimeSpan Wait(long ticks) =>
        TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, ticks + Math.Min(Grain, ticks / GrainPart)));
}
