using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Transport;

public sealed class FrameQueueTests
{
    private const int Capacity = 100;
    private static readonly byte[] Half = new byte[(Capacity / 2) - FrameFormat.LengthSize];

    [Fact]
    public async Task The_writer_takes_all_frames_at_once_in_order()
    {
        var queue = new FrameQueue(Capacity);
        var wake = queue.WaitAsync();
        Assert.False(wake.IsCompleted);

        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueue([1]));
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueue([2, 3]));

        await wake.AsTask().InTime();
        Assert.Equal([1, 0, 0, 0, 1, 2, 0, 0, 0, 2, 3], queue.Take().ToArray());
    }

    [Fact]
    public void Bulk_has_a_share_of_the_queue_and_leaves_the_rest_to_what_is_urgent()
    {
        var queue = new FrameQueue(Capacity, bulkShare: Capacity / 2);
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueueBulk(Half));
        Assert.False(queue.HasRoomForBulk()); // nobody was refused
        Assert.Equal(EnqueueResult.Full, queue.TryEnqueueBulk([1]));
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueue([2]));

        _ = queue.Take();
        Assert.Equal(EnqueueResult.Full, queue.TryEnqueueBulk([1])); // what is being written counts
        queue.Release();
        Assert.True(queue.HasRoomForBulk());
        Assert.False(queue.HasRoomForBulk()); // it is told once
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueueBulk([1]));
        queue.Close();
        Assert.Equal(EnqueueResult.Closed, queue.TryEnqueueBulk([1]));
    }

    [Fact]
    public void Bulk_larger_than_its_share_passes_alone()
    {
        var queue = new FrameQueue(Capacity, bulkShare: 1);
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueueBulk(Half));
        Assert.Equal(EnqueueResult.Full, queue.TryEnqueueBulk(Half));
    }

    [Fact]
    public void Who_flushes_runs_the_writer_that_sleeps_and_writes_all_that_is_held()
    {
        var queue = new FrameQueue(Capacity);
        List<(int Thread, byte[] Bytes)> written = [];
        _ = WriteAsync();

        queue.TryEnqueue([1], held: true);
        queue.TryEnqueue([2], held: true);
        Assert.Empty(written);

        queue.Flush();
        var (thread, bytes) = Assert.Single(written);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.Equal([1, 0, 0, 0, 1, 1, 0, 0, 0, 2], bytes);
        queue.Flush();
        Assert.Single(written);
        queue.Close();

        async Task WriteAsync()
        {
            while (true)
            {
                await queue.WaitAsync().ConfigureAwait(false);
                var batch = queue.Take();
                if (batch.IsEmpty)
                {
                    return;
                }

                written.Add((Environment.CurrentManagedThreadId, batch.ToArray()));
                queue.Release();
            }
        }
    }

    [Fact]
    public async Task What_is_held_while_the_writer_works_is_written_next_and_by_a_thread_of_its_own()
    {
        var queue = new FrameQueue(Capacity);
        var wake = queue.WaitAsync();
        queue.TryEnqueue([1], held: true);
        queue.Flush();
        await wake;
        queue.Take();

        queue.TryEnqueue([2], held: true);
        queue.Flush();
        queue.Release();

        Assert.True(queue.HasMoreForBorrowedThread());
        Assert.False(queue.HasMoreForBorrowedThread()); // by now it runs on another
        Assert.True(queue.WaitAsync().AsTask().IsCompletedSuccessfully);
        Assert.Equal([1, 0, 0, 0, 2], queue.Take().ToArray());
    }

    [Fact]
    public void Bytes_being_written_still_count()
    {
        var queue = new FrameQueue(Capacity);
        Fill(queue);
        queue.Take();
        Assert.Equal(EnqueueResult.Full, queue.TryEnqueue([1]));

        queue.Release();
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueue([1]));
    }

    [Fact]
    public void A_frame_larger_than_the_queue_passes_alone()
    {
        var queue = new FrameQueue(Capacity);

        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueue(new byte[2 * Capacity]));
        Assert.Equal(EnqueueResult.Full, queue.TryEnqueue([1]));
    }

    [Fact]
    public async Task Senders_that_wait_are_served_in_order_and_never_passed()
    {
        var queue = new FrameQueue(Capacity);
        Fill(queue);
        var large = queue.EnqueueAsync(new byte[Capacity - FrameFormat.LengthSize], CancellationToken.None).AsTask();
        var small = queue.EnqueueAsync(new byte[] { 7 }, CancellationToken.None).AsTask();

        queue.Take();
        queue.Release();
        Assert.Equal(EnqueueResult.Queued, await large.InTime());
        Assert.False(small.IsCompleted);
        Assert.Equal(EnqueueResult.Full, queue.TryEnqueue([1]));

        queue.Take();
        queue.Release();
        Assert.Equal(EnqueueResult.Queued, await small.InTime());
        Assert.Equal([1, 0, 0, 0, 7], queue.Take().ToArray());
    }

    [Fact]
    public async Task A_cancelled_sender_leaves_nothing_and_lets_the_next_in()
    {
        var queue = new FrameQueue(Capacity);
        queue.TryEnqueue(Half);
        using var stop = new CancellationTokenSource();
        var tooLarge = queue.EnqueueAsync(new byte[Capacity], stop.Token).AsTask();
        var fits = queue.EnqueueAsync(new byte[] { 7 }, CancellationToken.None).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tooLarge.InTime());
        Assert.Equal(EnqueueResult.Queued, await fits.InTime());
    }

    [Fact]
    public async Task Closing_sends_waiters_elsewhere_and_keeps_what_is_queued()
    {
        var queue = new FrameQueue(Capacity);
        Fill(queue);
        var waiting = queue.EnqueueAsync(Half, CancellationToken.None).AsTask();

        queue.Close();

        Assert.Equal(EnqueueResult.Closed, await waiting.InTime());
        Assert.Equal(EnqueueResult.Closed, queue.TryEnqueue([1]));
        Assert.Equal(Capacity, queue.Take().Length);
        queue.Release();
        await queue.WaitAsync().AsTask().InTime();
        Assert.True(queue.Take().IsEmpty);
    }

    [Fact]
    public async Task Aborting_fails_waiters_wakes_the_writer_and_gives_back_only_what_it_never_took()
    {
        var queue = new FrameQueue(Capacity);
        queue.TryEnqueue(Half);
        queue.Take();
        queue.TryEnqueue(Half.AsSpan()[1..]);
        var waiting = queue.EnqueueAsync(Half, CancellationToken.None).AsTask();
        var cause = new InvalidOperationException("broken");

        queue.Abort(cause);

        Assert.Same(cause, (await Assert.ThrowsAsync<IOException>(() => waiting.InTime())).InnerException);
        await queue.WaitAsync().AsTask().InTime();
        Assert.True(queue.Take().IsEmpty);
        Assert.Equal(Capacity / 2 - 1, queue.TakeUnsent().Length);
        queue.Discard();
        Assert.True(queue.TakeUnsent().IsEmpty);
    }

    private static void Fill(FrameQueue queue)
    {
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueue(Half));
        Assert.Equal(EnqueueResult.Queued, queue.TryEnqueue(Half));
    }
}
