namespace Gossip.Diagnostics;

/// <summary>Says whether it is time for a line in the log: others decide how often things happen, so they must not decide how much is logged. Safe for use by several threads.</summary>
internal sealed class LogLimit(TimeProvider time, TimeSpan interval)
{
    private readonly Lock _gate = new();
    private long? _last;

    /// <summary>True once in each interval.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_last is { } last && time.GetElapsedTime(last) < interval)
            {
                return false;
            }

            _last = time.GetTimestamp();
            return true;
        }
    }
}
