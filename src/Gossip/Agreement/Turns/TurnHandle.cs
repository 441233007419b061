namespace Gossip.Agreement;

/// <summary>A turn in the hands of a user: ended when it is disposed, however often, and even if it comes only then.</summary>
internal sealed class TurnHandle(Action<ulong> end) : IAsyncDisposable
{
    private readonly TaskCompletionSource<ulong> _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isOver;

    /// <summary>Ends when the turn has come, or is not waited for any longer.</summary>
    public Task Granted => _granted.Task;

    public void Grant(ulong number) => _granted.TrySetResult(number);

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _ = EndAsync();
        }

        return ValueTask.CompletedTask;
    }

    private async Task EndAsync() => end(await _granted.Task.ConfigureAwait(false));
}
