namespace Gossip.Node;

/// <summary>Both times of one node: ticks since the pump was made, and wall time that never goes back while the process lives.</summary>
internal sealed class PumpClock(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private ulong _latestWall;

    public Moment Now => new(Ticks, WallMicros());

    public long Ticks => time.GetElapsedTime(_started).Ticks;

    /// <summary>The wall time of a moment of the engine's clock.</summary>
    public DateTimeOffset ToWallTime(long ticks) => time.GetUtcNow() - TimeSpan.FromTicks(Ticks - ticks);

    private ulong WallMicros()
    {
        var now = HybridTimestamp.ToMicros(time.GetUtcNow());
        var latest = Volatile.Read(ref _latestWall);
        return now > latest && Interlocked.CompareExchange(ref _latestWall, now, latest) == latest ? now : Math.Max(now, Volatile.Read(ref _latestWall));
    }
}
