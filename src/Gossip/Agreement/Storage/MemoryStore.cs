namespace Gossip.Agreement;

/// <summary>Keeps nothing beyond the process: after a restart its acceptor is another one, and waits to be given a seat.</summary>
internal sealed class MemoryStore(Guid id) : IAcceptorStore
{
    public Guid Id { get; } = id;

    public bool IsDurable => false;

    public IReadOnlyList<AcceptorRecord> Recovered => [];

    public ValueTask AppendAsync(IReadOnlyList<AcceptorRecord> records, Func<CheckpointRecord> checkpoint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Supersede()
    {
        // It cannot be copied, and is not opened again.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
