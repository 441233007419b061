namespace Gossip.Agreement;

/// <summary>
/// A call of a user that the engine works on. Touched by the pump only, but for the wait. Users go on in the order in which their calls ended: the local queues of the pool's threads would turn that round,
/// and of several who want to write the same the last would always be the first.
/// </summary>
internal sealed class PendingCall : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<ClientResult> _completion = new();
    private ClientResult? _result;

    public Task<ClientResult> Result => _completion.Task;

    /// <summary>Why it came to nothing, in words, when it did.</summary>
    public string Diagnosis { get; private set; } = "";

    /// <summary>Which other table members belong to that has a majority, in words, when this node's has none.</summary>
    public string? Supersession { get; private set; }

    public void Complete(ClientResult result, string diagnosis, string? supersession)
    {
        (_result, Diagnosis, Supersession) = (result, diagnosis, supersession);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _completion.TrySetResult(_result!);
}
