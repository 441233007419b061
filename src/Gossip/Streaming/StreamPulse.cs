namespace Gossip.Streaming;

/// <summary>
/// Beats while there are streams: a connection on which nothing is said for long is closed, and a stream may well be quiet for longer. A node without streams is not woken.
/// </summary>
internal sealed class StreamPulse(TimeProvider time, Func<bool> beat)
{
    /// <summary>A third of the shortest time after which a connection counts as idle, so that one lost beat does no harm.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _isStopped;

    /// <summary>There is a stream.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (!_isStopped)
            {
                _timer ??= time.CreateTimer(static pulse => ((StreamPulse)pulse!).Beat(), this, Period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Rest();
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (beat())
            {
                _timer?.Change(Period, Timeout.InfiniteTimeSpan);
            }
            else
            {
                Rest();
            }
        }
    }

    private void Rest()
    {
        _timer?.Dispose();
        _timer = null;
    }
}
