namespace Gossip.Node;

/// <summary>
/// Sees to it that a pump runs when its engine's deadline has come. The thread that reads datagrams waits anyway, so it waits no longer than that; only for a deadline that was
/// set meanwhile and comes sooner, or where nobody reads datagrams, there is a timer, which costs the waking of a pool.
/// </summary>
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
    private readonly bool _isRealTime;
    private readonly ITimer _timer;
    private long _deadline = long.MaxValue;
    private long _armed = long.MaxValue;
    private long _readerWakes = long.MaxValue;
    private bool _hasReader;
    private bool _readerWorks;

    public PumpTimer(TimeProvider time, PumpClock clock, Action fired)
    {
        _clock = clock;
        _isRealTime = ReferenceEquals(time, TimeProvider.System); // a reader waits by no other
        _timer = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _armed, long.MaxValue); // it may have been early: whoever runs next must arm it again
                fired();
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets the deadline. Called by whoever runs the pump.</summary>
    public void Arm(long deadline)
    {
        Volatile.Write(ref _deadline, deadline);
        Interlocked.MemoryBarrier(); // the reader writes when it wakes and then reads the deadline: one of us sees the other
        if (Volatile.Read(ref _readerWorks) || Volatile.Read(ref _readerWakes) <= deadline)
        {
            return;
        }

        var now = _clock.Ticks;
        if (deadline == Volatile.Read(ref _armed) && deadline > now)
        {
            return;
        }

        Volatile.Write(ref _armed, deadline);
        _timer.Change(deadline == long.MaxValue ? Timeout.InfiniteTimeSpan : Wait(deadline - now), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The reader has something to do, and will look at the deadline before it waits again; if it is one that does look.</summary>
    public void ReaderWorks() => Volatile.Write(ref _readerWorks, Volatile.Read(ref _hasReader));

    /// <summary>The reader is about to wait: so long, so that it is there at the deadline.</summary>
    public TimeSpan ReaderWaits(TimeSpan longest)
    {
        if (!_isRealTime)
        {
            return longest;
        }

        Volatile.Write(ref _hasReader, true);
        Volatile.Write(ref _readerWorks, false);
        while (true)
        {
            var now = _clock.Ticks;
            var deadline = Volatile.Read(ref _deadline);
            var wakes = Math.Min(deadline, now + longest.Ticks);
            Volatile.Write(ref _readerWakes, wakes);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _deadline) == deadline)
            {
                return wakes <= now ? TimeSpan.Zero : TimeSpan.FromTicks(wakes - now + TimeSpan.TicksPerMillisecond); // waits are cut to whole milliseconds
            }
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private static TimeSpan Wait(long ticks) =>
        TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, ticks + Math.Min(Grain, ticks / GrainPart)));
}
