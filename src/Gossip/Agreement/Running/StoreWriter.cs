using System.Threading.Channels;

namespace Gossip.Agreement;

/// <summary>
/// Keeps an acceptor's records, and lets each answer go when its record, and all before it, are safe. All that waits is flushed at once (group commit). A disk that hangs
/// holds up this acceptor's answers, and nothing else of the node.
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    /// <summary>Answers that may wait for the disk; further requests are not heard, as if the network had lost them.</summary>
    private const int MaxWaiting = 4096;

    private readonly IAcceptorStore _store;
    private readonly Action<AcceptorStoreException> _failed;
    private readonly Channel<Write> _queue = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly Task _run;
    private int _waiting;
    private volatile bool _isRetired;

    /// <param name="store">Where the records go.</param>
    /// <param name="failed">Told once, when the store can take no more: no answer leaves from then on.</param>
    public StoreWriter(IAcceptorStore store, Action<AcceptorStoreException> failed)
    {
        (_store, _failed) = (store, failed);
        _run = store.IsDurable ? Task.Run(RunAsync) : Task.CompletedTask;
    }

    /// <summary>So much waits for the disk that nothing more should be asked of the acceptor.</summary>
    public bool IsFull => Volatile.Read(ref _waiting) >= MaxWaiting;

    /// <summary>Keeps a record, if there is one, and then does something. Called by one thread at a time.</summary>
    public void Append(AcceptorRecord? record, CheckpointRecord? checkpoint, Action then)
    {
        if (!_store.IsDurable || (record is null && Volatile.Read(ref _waiting) == 0 && !_isRetired))
        {
            then(); // nothing of what it says could be lost
            return;
        }

        Interlocked.Increment(ref _waiting);
        _queue.Writer.TryWrite(new Write(record, checkpoint, then));
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _run.ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        List<Write> batch = [];
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (_queue.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }

            if (!_isRetired && await TryKeepAsync(batch).ConfigureAwait(false))
            {
                foreach (var write in batch)
                {
                    write.Then();
                }
            }

            Interlocked.Add(ref _waiting, -batch.Count);
        }
    }

    private async ValueTask<bool> TryKeepAsync(List<Write> batch)
    {
        List<AcceptorRecord> records = [.. batch.Where(write => write.Record is not null).Select(write => write.Record!)];
        if (records.Count == 0)
        {
            return true;
        }

        try
        {
            var checkpoint = batch.FindLast(write => write.Record is not null).Checkpoint!;
            await _store.AppendAsync(records, () => checkpoint, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (AcceptorStoreException e)
        {
            _isRetired = true;
            _failed(e);
            return false;
        }
    }

    private readonly record struct Write(AcceptorRecord? Record, CheckpointRecord? Checkpoint, Action Then);
}
