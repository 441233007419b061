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

    /// <summary>How long the end waits for a write that is under way: a disk that hangs must not keep a node from stopping.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private readonly IAcceptorStore _store;
    private readonly Action<Exception> _failed;
    private readonly Channel<Write> _queue = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly TimeProvider _time;
    private readonly Task _run;
    private int _waiting;
    private volatile bool _isRetired;

    /// <param name="store">Where the records go.</param>
    /// <param name="failed">Told once, when the store can take no more: no answer leaves from then on.</param>
    /// <param name="time">The clock.</param>
    public StoreWriter(IAcceptorStore store, Action<Exception> failed, TimeProvider time)
    {
        (_store, _failed, _time) = (store, failed, time);
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

    /// <summary>No answer leaves any more: another copy of the store was in use. That is noted in the store, too.</summary>
    public void Supersede()
    {
        _isRetired = true;
        Interlocked.Increment(ref _waiting);
        _queue.Writer.TryWrite(new Write(null, null, _store.Supersede, IsOfRetirement: true));
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        var closed = CloseAsync();
        await Task.WhenAny(closed, Task.Delay(ClosePatience, _time)).ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
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

            try
            {
                await KeepAsync(batch).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // Of whatever kind it is: what is on the disk now nobody knows.
                _isRetired = true;
                _failed(e);
            }

            Interlocked.Add(ref _waiting, -batch.Count);
        }
    }

    private async ValueTask KeepAsync(List<Write> batch)
    {
        List<AcceptorRecord> records = [.. batch.Where(write => write.Record is not null).Select(write => write.Record!)];
        if (records.Count > 0 && !_isRetired)
        {
            var checkpoint = batch.FindLast(write => write.Record is not null).Checkpoint!;
            await _store.AppendAsync(records, () => checkpoint, CancellationToken.None).ConfigureAwait(false);
        }

        foreach (var write in batch)
        {
            if (!_isRetired || write.IsOfRetirement)
            {
                write.Then();
            }
        }
    }

    /// <param name="Record">What is to be kept first.</param>
    /// <param name="Checkpoint">All that is to be kept with it.</param>
    /// <param name="Then">What is done then.</param>
    /// <param name="IsOfRetirement">It is done even when no answer leaves any more.</param>
    private readonly record struct Write(AcceptorRecord? Record, CheckpointRecord? Checkpoint, Action Then, bool IsOfRetirement = false);
}
