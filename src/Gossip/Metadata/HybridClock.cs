namespace Gossip.Metadata;

/// <summary>
/// A hybrid logical clock (Kulkarni et al. 2014) whose stamps are the bits of a <see cref="HybridTimestamp"/>. The caller
/// passes the wall time in, so the clock is pure; one word that is swapped atomically makes it safe for any number of threads.
/// </summary>
/// <param name="maxDriftMicros">How far, in microseconds, stamps may run ahead of the wall clock.</param>
internal sealed class HybridClock(ulong maxDriftMicros = HybridClock.DefaultMaxDriftMicros)
{
    /// <summary>
    /// One minute: hosts that keep time badly are seconds apart, so all of them pass, while a host whose clock is plainly
    /// wrong cannot push everybody's stamps far into the future.
    /// </summary>
    public const ulong DefaultMaxDriftMicros = 60_000_000;

    private ulong _last;

    /// <summary>The highest stamp that was given out or observed; 0 at first.</summary>
    public ulong Last => Volatile.Read(ref _last);

    /// <summary>
    /// Gives out the next stamp: the wall time when that is newer than all before, else the last stamp plus one, whose carry
    /// out of the counter moves into the next microsecond.
    /// </summary>
    /// <returns>
    /// False when that carry would run more than the drift ahead of the wall clock: the caller has to wait for time to pass.
    /// A wall clock that was set back does not stop the clock at once: the counter's 1024 stamps remain.
    /// </returns>
    public bool TryNext(ulong wallMicros, out ulong stamp)
    {
        var wall = Math.Min(wallMicros, HybridTimestamp.MaxMicros) << HybridTimestamp.CounterBits;
        var limit = Limit(wallMicros);
        var last = Last;
        while (true)
        {
            stamp = Math.Max(wall, unchecked(last + 1));
            var carried = (stamp & HybridTimestamp.CounterMask) == 0;
            if (stamp <= last || (carried && stamp >> HybridTimestamp.CounterBits > limit))
            {
                stamp = 0;
                return false;
            }

            var seen = Interlocked.CompareExchange(ref _last, stamp, last);
            if (seen == last)
            {
                return true;
            }

            last = seen;
        }
    }

    /// <summary>Takes note of a stamp that was received, so that the next own one is higher.</summary>
    /// <returns>False, and nothing changed, when the stamp is further ahead of the wall clock than the drift allows.</returns>
    public bool TryObserve(ulong remoteStamp, ulong wallMicros)
    {
        if (remoteStamp >> HybridTimestamp.CounterBits > Limit(wallMicros))
        {
            return false;
        }

        var last = Last;
        while (remoteStamp > last)
        {
            var seen = Interlocked.CompareExchange(ref _last, remoteStamp, last);
            if (seen == last)
            {
                break;
            }

            last = seen;
        }

        return true;
    }

    private ulong Limit(ulong wallMicros) =>
        wallMicros >= HybridTimestamp.MaxMicros || maxDriftMicros >= HybridTimestamp.MaxMicros - wallMicros
            ? HybridTimestamp.MaxMicros
            : wallMicros + maxDriftMicros;
}
