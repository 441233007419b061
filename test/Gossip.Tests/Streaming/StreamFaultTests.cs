using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Streaming;

/// <summary>How streams end before their time, and who learns what.</summary>
public sealed class StreamFaultTests : IAsyncDisposable
{
    private const int Type = 141;

    private readonly List<IDisposable> _handlers = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await Task.CompletedTask;
        _handlers.ForEach(static handler => handler.Dispose());
    }

    [Fact]
    public async Task An_abort_of_the_opener_fails_both_sides_with_its_reason()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (opened, accepted) = await OpenAsync(cluster);
        opened.Abort(new InvalidOperationException("enough of this"));
        await AbortedAsync(accepted, StreamAbortReason.Aborted, "enough of this");
        await AbortedAsync(opened, StreamAbortReason.Aborted, "enough of this");
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task An_abort_of_the_acceptor_fails_both_sides_with_its_reason()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (opened, accepted) = await OpenAsync(cluster);
        accepted.Abort(new InvalidOperationException("no more"));
        await AbortedAsync(opened, StreamAbortReason.Aborted, "no more");
        await AbortedAsync(accepted, StreamAbortReason.Aborted, "no more");
        opened.Abort(); // nothing happens any more
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task Whoever_disposes_of_a_stream_before_its_output_is_complete_does_not_make_it_look_whole()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (opened, accepted) = await OpenAsync(cluster);
        await opened.Output.WriteAsync(new byte[100], Token);
        await opened.DisposeAsync();
        await AbortedAsync(accepted, StreamAbortReason.Aborted, "disposed");
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task An_output_completed_with_an_error_fails_the_reader_and_leaves_the_other_direction()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (opened, accepted) = await OpenAsync(cluster);
        await opened.Output.WriteAsync(new byte[100], Token);
        await opened.Output.CompleteAsync(new InvalidOperationException("the source broke"));
        Assert.Contains("the source broke", (await accepted.FailsAsync()).Message, StringComparison.Ordinal);

        await StreamTests.WriteAsync(accepted, [1, 2]);
        Assert.Equal([1, 2], await opened.ReadAllAsync().InTime());
        await opened.DisposeAsync();
        await EndAsync(accepted);
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task A_reader_that_completes_tells_the_writer_to_stop_and_one_that_fails_tells_why()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (opened, accepted) = await OpenAsync(cluster);
        await accepted.Input.CompleteAsync();
        await Awaiting.UntilAsync(async () => (await opened.Output.WriteAsync(new byte[10], Token)).IsCompleted);

        await opened.Input.CompleteAsync(new InvalidOperationException("disk full"));
        await Awaiting.UntilAsync(async () =>
        {
            try
            {
                return !(await accepted.Output.WriteAsync(new byte[10], Token)).IsCompleted && false;
            }
            catch (StreamAbortedException e)
            {
                Assert.Contains("disk full", e.Message, StringComparison.Ordinal);
                return true;
            }
        });
        Assert.Equal((0, 0), (cluster.Pair().A.Streams.Counters.Aborted.Value, cluster.Pair().B.Streams.Counters.Aborted.Value));
        await opened.DisposeAsync();
        await EndAsync(accepted);
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task A_handler_that_throws_fails_the_opener_with_its_error()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var handler = b.Streams.Handle(Type, static (_, _) => throw new InvalidOperationException("cannot"));
        await using var stream = await a.OpenAsync(b, Type);
        var error = await stream.FailsAsync();
        Assert.Equal((StreamAbortReason.HandlerFailed, b.Instance), (error.Reason, error.Peer));
        Assert.Contains("InvalidOperationException: cannot", error.Message, StringComparison.Ordinal);
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task What_the_opener_asks_in_vain_is_a_typed_error()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var a = cluster.Nodes.Single();
        var b = await cluster.AddAsync(options => options.Streaming.MaxStreamsPerPeer = 1);
        await cluster.FormedAsync();

        var none = await Assert.ThrowsAsync<NoHandlerException>(() => a.OpenAsync(b, Type));
        Assert.Equal((Type, b.Instance), (none.Type, none.Target));
        var (opened, _) = await OpenAsync(a, b);
        Assert.Contains("overloaded", (await Assert.ThrowsAsync<RequestRefusedException>(() => a.OpenAsync(b, Type))).Message, StringComparison.Ordinal);
        Assert.Contains("this node", (await OverQuotaAsync()).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<MemberUnreachableException>(() => a.Streams.OpenAsync(a.Id, Type, cancellationToken: Token));
        await Assert.ThrowsAsync<MemberUnreachableException>(() => a.Streams.OpenAsync(NodeId.Parse($"{7:x32}"), Type, cancellationToken: Token));
        await Assert.ThrowsAsync<MessageTypeException>(() => a.OpenAsync(b, 5));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => a.OpenAsync(b, Type, new StreamOptions { Timeout = TimeSpan.Zero }));
        var headers = Enumerable.Range(0, 33).ToDictionary(i => $"{i}", _ => "");
        await Assert.ThrowsAsync<MessageTooLargeException>(() => a.OpenAsync(b, Type, new StreamOptions { Headers = headers }));
        Assert.Throws<MessageTypeException>(() => b.Streams.Handle(Type, static (_, _) => Task.CompletedTask));
        opened.Abort();
        await NothingLeftAsync(cluster);

        // b has one place for each node, and a holds it
        async Task<RequestRefusedException> OverQuotaAsync() => await Assert.ThrowsAsync<RequestRefusedException>(() => b.OpenAsync(a, Type));
    }

    [Fact]
    public async Task A_member_that_does_not_answer_is_waited_for_no_longer_than_was_said()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        using var handler = b.Streams.Handle(Type, static (_, _) => Task.CompletedTask);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => a.Streams.OpenAsync(b.Id, Type, cancellationToken: gone.Token));

        var seen = LocalCluster.Sees(a, b).Instance;
        await cluster.KillAsync(b);
        var error = await Assert.ThrowsAnyAsync<RequestException>(() => a.OpenAsync(b, Type, new StreamOptions { Timeout = TimeSpan.FromSeconds(2) }).InTime());
        Assert.True(error is MemberUnreachableException or RequestTimeoutException);
        Assert.Equal(seen, error.Target);
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task An_accepted_stream_whose_opener_gave_up_is_aborted()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var ended = 0;
        var accepted = 0;
        using var handler = b.Streams.Handle(Type, async (stream, token) =>
        {
            Interlocked.Increment(ref accepted);
            await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => Interlocked.Increment(ref ended), TaskScheduler.Default);
        });
        var opened = 0;
        for (var i = 0; i < 200; i++)
        {
            using var source = new CancellationTokenSource();
            var opening = a.Streams.OpenAsync(b.Id, Type, cancellationToken: source.Token);
            await source.CancelAsync(); // at this very moment the answer may come
            try
            {
                var stream = await opening.InTime();
                stream.Abort();
                opened++;
            }
            catch (OperationCanceledException)
            {
                // Given up.
            }
        }

        Assert.True(opened < 200, "nothing was given up");
        await NothingLeftAsync(cluster);
        Assert.Equal(accepted, ended);
    }

    [Fact]
    public async Task A_killed_member_fails_the_streams_with_it()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (opened, accepted) = await OpenAsync(cluster);
        var reading = opened.FailsAsync();
        await cluster.KillAsync(cluster.Pair().B);
        Assert.True((await reading).Reason is StreamAbortReason.ConnectionLost or StreamAbortReason.MemberGone);
        Assert.True((await accepted.FailsAsync()).Reason is StreamAbortReason.ConnectionLost or StreamAbortReason.MemberGone);
        await Assert.ThrowsAsync<StreamAbortedException>(async () => await opened.Output.WriteAsync(new byte[1], Token));
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task A_connection_that_is_cut_fails_its_streams_and_the_next_ones_have_another()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, b) = cluster.Pair();
        var (opened, accepted) = await OpenAsync(cluster);
        var writing = Task.Run(
            async () =>
            {
                while (true)
                {
                    await opened.Output.WriteAsync(new byte[10_000], Token);
                }
            },
            Token);
        a.RuntimeOrNull!.Transport.Disconnect(
            Gossip.Transport.NodeEndpoint.From(LocalCluster.Sees(a, b).Address), static _ => false, new IOException("cut"));
        Assert.Equal(StreamAbortReason.ConnectionLost, (await accepted.FailsAsync()).Reason);
        Assert.Equal(StreamAbortReason.ConnectionLost, (await opened.FailsAsync()).Reason);
        await Assert.ThrowsAsync<StreamAbortedException>(() => writing.InTime());

        await using var next = await a.OpenAsync(b, Type);
        next.Abort();
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task A_member_that_leaves_without_stopping_fails_the_streams_on_both_sides()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (opened, accepted) = await OpenAsync(cluster);
        await cluster.Pair().B.LeaveAsync(Token);
        await opened.FailsAsync();
        await accepted.FailsAsync();
        await NothingLeftAsync(cluster);
    }

    [Fact]
    public async Task A_stop_lets_streams_end_and_aborts_them_at_its_deadline()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var a = cluster.Nodes.Single();
        var b = await cluster.AddAsync();
        var c = await cluster.AddAsync(options => options.StopTimeout = TimeSpan.FromSeconds(1));
        await cluster.FormedAsync();
        var (patient, atB) = await OpenAsync(a, b);
        var cancelled = new TaskCompletionSource();
        using var waits = c.Streams.Handle(Type, async (_, token) =>
        {
            await using var registration = token.Register(cancelled.SetResult);
            await cancelled.Task;
        });
        await using var held = await a.OpenAsync(c, Type);

        var stopping = b.StopAsync(Token);
        await Awaiting.UntilAsync(async () => await Record.ExceptionAsync(() => b.OpenAsync(a, Type)) is GossipStoppedException);
        Assert.Contains("stopping", (await Assert.ThrowsAsync<RequestRefusedException>(() => a.OpenAsync(b, Type))).Message, StringComparison.Ordinal);
        Assert.False(stopping.IsCompleted);
        await StreamTests.WriteAsync(patient, [1, 2, 3]);
        Assert.Equal([1, 2, 3], await atB.ReadAllAsync().InTime());
        await EndAsync(atB);
        await stopping.InTime();
        Assert.Empty(await patient.ReadAllAsync());

        await c.StopAsync(Token).InTime();
        await cancelled.Task.InTime();
        Assert.Equal(StreamAbortReason.Stopping, (await held.FailsAsync()).Reason);
        await patient.DisposeAsync();
        await Awaiting.UntilAsync(() => a.Streams.Kept == 0);
    }

    /// <summary>Opens a stream from the first node to the last, and shows both its ends. The handler ends by <see cref="EndAsync"/> and <see cref="NothingLeftAsync"/>.</summary>
    private Task<(GossipStream Opened, GossipStream Accepted)> OpenAsync(LocalCluster cluster) => OpenAsync(cluster.Pair().A, cluster.Pair().B);

    private async Task<(GossipStream Opened, GossipStream Accepted)> OpenAsync(GossipNode from, GossipNode to)
    {
        var accepted = new TaskCompletionSource<GossipStream>();
        _handlers.Add(to.Streams.Handle(Type, async (stream, _) =>
        {
            accepted.TrySetResult(stream);
            await _end.Task;
        }));
        return (await from.OpenAsync(to, Type), await accepted.Task.InTime());
    }

    private readonly TaskCompletionSource _end = new();

    /// <summary>Lets the handlers end as if they had done their work.</summary>
    private async Task EndAsync(GossipStream accepted)
    {
        await accepted.Output.CompleteAsync();
        _end.TrySetResult();
    }

    private Task NothingLeftAsync(LocalCluster cluster)
    {
        _end.TrySetResult();
        return cluster.NothingLeftAsync();
    }

    private static async Task AbortedAsync(GossipStream stream, StreamAbortReason reason, string text)
    {
        var error = await stream.FailsAsync();
        Assert.Equal(reason, error.Reason);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        var write = await Assert.ThrowsAsync<StreamAbortedException>(async () => await stream.Output.WriteAsync(new byte[1], Token));
        Assert.Equal(reason, write.Reason);
    }
}
