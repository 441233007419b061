namespace Gossip.Wire;

/// <summary>How many refusals may be sent: strangers cause them, so they must not decide how many there are.</summary>
internal sealed class RefusalBudget(TimeProvider time)
{
    private const int MaxPerPeriod = 32;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long _began = time.GetTimestamp();
    private int _taken;

    public bool TryTake()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_began) >= Period)
            {
                _began = time.GetTimestamp();
                _taken = 0;
            }

            return _taken++ < MaxPerPeriod;
        }
    }
}
