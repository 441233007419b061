namespace Gossip.Tests.Messaging;

/// <summary>Time that moves only when a test says so. Timers run on the thread that advances it.</summary>
internal sealed class TestClock : TimeProvider
{
    private static readonly TimeSpan Infinite = TimeSpan.FromMilliseconds(-1);

    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private readonly DateTimeOffset _start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Goes to the time of the next timer.</summary>
    public void AdvanceToNext()
    {
        long next;
        lock (_gate)
        {
            next = _timers.Count == 0 ? _now : _timers.Min(timer => timer.Due);
        }

        Advance(TimeSpan.FromTicks(Math.Max(0, next - GetTimestamp())));
    }

    public void Advance(TimeSpan by)
    {
        Interlocked.Add(ref _now, by.Ticks);
        while (true)
        {
            Timer? due;
            lock (_gate)
            {
                due = _timers.Where(timer => timer.Due <= _now).MinBy(timer => timer.Due);
                if (due is null)
                {
                    return;
                }

                _timers.Remove(due);
            }

            due.Run();
        }
    }

    private sealed class Timer(TestClock clock, Action run) : ITimer
    {
        public long Due { get; private set; }

        public Action Run { get; } = run;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime != Infinite)
                {
                    Due = clock.GetTimestamp() + dueTime.Ticks;
                    clock._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose() => Change(Infinite, default);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
