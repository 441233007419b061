namespace Gossip.Tables;

/// <summary>The highest version number that this node knows, and a way to wait for a higher one. A slow reader costs no memory. May be called from any thread.</summary>
internal sealed class TableVersionFeed
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _completed;

    /// <summary>-1 before the first.</summary>
    public int Latest { get; private set; } = -1;

    public void Learn(int number)
    {
        lock (_gate)
        {
            if (number <= Latest)
            {
                return;
            }

            Latest = number;
            if (!_completed)
            {
                _next.TrySetResult();
                _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>What is known now.</summary>
    /// <param name="latest">The highest version.</param>
    /// <param name="next">Ends when there is a higher one, or none will come.</param>
    /// <returns>False when none will come.</returns>
    public bool Look(out int latest, out Task next)
    {
        lock (_gate)
        {
            (latest, next) = (Latest, _next.Task);
            return !_completed;
        }
    }

    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            _next.TrySetResult();
        }
    }
}
