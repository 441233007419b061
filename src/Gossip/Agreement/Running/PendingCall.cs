namespace Gossip.Agreement;

/// <summary>A call of a user that the engine works on. Touched by the pump only, but for the wait.</summary>
internal sealed class PendingCall
{
    private readonly TaskCompletionSource<ClientResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ClientResult> Result => _completion.Task;

    /// <summary>Why it came to nothing, in words, when it did.</summary>
    public string Diagnosis { get; private set; } = "";

    public void Complete(ClientResult result, string diagnosis)
    {
        Diagnosis = diagnosis;
        _completion.TrySetResult(result);
    }
}
