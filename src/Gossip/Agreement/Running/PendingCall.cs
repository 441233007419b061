namespace Gossip.Agreement;

/// <summary>
/// A call of a user that the engine works on. Touched by the pump only, but for the wait. Users go on in the order in which their calls ended: the local queues of the pool's threads would turn that round,
/// and of several who want to write the same the last would always be the first.
/// </summary>
/// <param name="isChange">It may change something.</param>
internal sealed class PendingCall(bool isChange) : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<ClientResult> _completion = new();
    private ClientResult? _result;
    private bool _hasBegun;

    /// <summary>Why it came to nothing, in words, when it did.</summary>
    public string Diagnosis { get; private set; } = "";

    /// <summary>Which other table members belong to that has a majority, in words, when this node's has none.</summary>
    public string? Supersession { get; private set; }

    /// <summary>The engine has it now.</summary>
    public void Begin() => Volatile.Write(ref _hasBegun, true);

    /// <summary>Waits for the result.</summary>
    /// <param name="ended">Ends when nothing is run any more, and so nothing is settled.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<ClientResult> WaitAsync(Task ended, CancellationToken cancellationToken)
    {
        if (!_completion.Task.IsCompleted)
        {
            await Task.WhenAny(_completion.Task, ended).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        // What was settled last of all is still on its way here when the end is.
        return Volatile.Read(ref _result) is not null ? await _completion.Task.ConfigureAwait(false)
            : new ClientResult(0, isChange && Volatile.Read(ref _hasBegun) ? ClientStatus.Abandoned : ClientStatus.Stopped);
    }

    public void Complete(ClientResult result, string diagnosis, string? supersession)
    {
        (Diagnosis, Supersession) = (diagnosis, supersession);
        Volatile.Write(ref _result, result);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _completion.TrySetResult(_result!);
}
