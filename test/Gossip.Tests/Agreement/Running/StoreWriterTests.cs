using Gossip.Agreement;
using Gossip.Tests.Messaging;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Agreement.Running;

public sealed class StoreWriterTests
{
    private static readonly PromiseRecord Record = new(new Ballot(1, AgreementCluster.Life(1)));
    private static readonly CheckpointRecord Checkpoint = new(default, default, default, default, null);

    [Fact]
    public async Task No_answer_leaves_before_its_record_and_all_before_it_are_safe()
    {
        var store = new GatedStore();
        await using var writer = new StoreWriter(store, _ => { }, TimeProvider.System);
        List<int> left = [];
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        writer.Append(Record, Checkpoint, () => left.Add(1));
        writer.Append(null, null, () =>
        {
            left.Add(2);
            done.SetResult();
        });
        await store.Asked.Task.InTime();
        Assert.Empty(left);
        store.Gate.SetResult();
        await done.Task.InTime();
        Assert.Equal([1, 2], left);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_failure_of_whatever_kind_no_answer_leaves_any_more(bool isKnown)
    {
        var store = new GatedStore();
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var writer = new StoreWriter(store, error => failed.TrySetResult(error), TimeProvider.System);
        var left = 0;
        writer.Append(Record, Checkpoint, () => left++);
        Exception error = isKnown ? new TableStoreException(TableStoreFailure.Unwritable, "full") : new InvalidOperationException("unexpected");
        store.Gate.SetException(error);
        Assert.Same(error, await failed.Task.InTime());
        writer.Append(Record, Checkpoint, () => left++);
        writer.Append(null, null, () => left++);
        await writer.DisposeAsync();
        Assert.Equal(0, left);
        Assert.Equal(1, store.Appends);
        Assert.True(store.IsDisposed);
    }

    [Fact]
    public async Task A_store_of_which_another_copy_was_in_use_says_nothing_more_and_notes_it()
    {
        var store = new GatedStore();
        store.Gate.SetResult();
        var writer = new StoreWriter(store, _ => { }, TimeProvider.System);
        var left = 0;
        writer.Supersede();
        writer.Append(Record, Checkpoint, () => left++);
        writer.Append(null, null, () => left++);
        await writer.DisposeAsync();
        Assert.Equal((0, 0, true), (left, store.Appends, store.IsSuperseded));
    }

    [Fact]
    public async Task A_disk_that_hangs_does_not_keep_a_node_from_stopping()
    {
        var clock = new TestClock();
        var store = new GatedStore();
        var writer = new StoreWriter(store, _ => { }, clock);
        writer.Append(Record, Checkpoint, () => { });
        await store.Asked.Task.InTime();
        var closed = writer.DisposeAsync().AsTask();
        Assert.False(closed.IsCompleted);
        clock.AdvanceToNext();
        await closed.InTime();
        Assert.False(store.IsDisposed); // it is still written
        store.Gate.SetResult();
        await Awaiting.UntilAsync(() => store.IsDisposed);
    }

    private sealed class GatedStore : IAcceptorStore
    {
        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Appends { get; private set; }

        public bool IsSuperseded { get; private set; }

        public bool IsDisposed { get; private set; }

        public Guid Id => Guid.AllBitsSet;

        public bool IsDurable => true;

        public IReadOnlyList<AcceptorRecord> Recovered => [];

        public async ValueTask AppendAsync(IReadOnlyList<AcceptorRecord> records, Func<CheckpointRecord> checkpoint, CancellationToken cancellationToken)
        {
            Appends++;
            Asked.TrySetResult();
            await Gate.Task;
        }

        public void Supersede() => IsSuperseded = true;

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
