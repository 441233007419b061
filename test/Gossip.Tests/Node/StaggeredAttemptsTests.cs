using Gossip.Node;
using Gossip.Tests.Messaging;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

public sealed class StaggeredAttemptsTests
{
    private readonly TestClock _clock = new();
    private readonly List<string> _started = [];
    private readonly Dictionary<string, TaskCompletionSource<string>> _attempts = [];

    [Fact]
    public async Task The_next_begins_after_a_while_and_the_first_that_wins_ends_the_others()
    {
        var running = Run("a", "b", "c");
        Assert.Equal(["a"], _started);
        _clock.Advance(StaggeredAttempts.Delay - TimeSpan.FromMilliseconds(1));
        Assert.Equal(["a"], _started);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await StartedAsync("a", "b");
        _attempts["b"].SetResult("win");
        Assert.Equal(["win"], await running.InTime());
        Assert.Equal(["a", "b"], _started);
        Assert.True(_attempts["a"].Task.IsCanceled);
    }

    [Fact]
    public async Task A_failure_starts_the_next_one_at_once()
    {
        var running = Run("a", "b");
        _attempts["a"].SetResult("lost");
        await StartedAsync("a", "b");
        _attempts["b"].SetResult("win");
        Assert.Equal(["lost", "win"], await running.InTime());
        Assert.Equal(0, _clock.GetTimestamp());
    }

    [Fact]
    public async Task When_all_fail_all_results_are_there()
    {
        var running = Run("a", "b", "c");
        await Awaiting.UntilAsync(() =>
        {
            _clock.AdvanceToNext();
            return _started.Count == 3;
        });
        foreach (var name in _started.ToList())
        {
            _attempts[name].SetResult(name);
        }

        Assert.Equal(["a", "b", "c"], (await running.InTime()).Order());
    }

    [Fact]
    public async Task It_can_be_cancelled_and_leaves_nothing_running()
    {
        using var stop = new CancellationTokenSource();
        var running = StaggeredAttempts.RunAsync(["a", "b"], AttemptAsync, static result => result == "win", _clock, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.InTime());
        Assert.True(_attempts["a"].Task.IsCanceled);
        Assert.Equal(["a"], _started);
    }

    private Task<IReadOnlyList<string>> Run(params string[] names) =>
        StaggeredAttempts.RunAsync(names, AttemptAsync, static result => result == "win", _clock, TestContext.Current.CancellationToken);

    private Task<string> AttemptAsync(string name, CancellationToken cancellationToken)
    {
        var attempt = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = cancellationToken.Register(() => attempt.TrySetCanceled(cancellationToken));
        _attempts[name] = attempt;
        lock (_started)
        {
            _started.Add(name);
        }

        return attempt.Task;
    }

    private async Task StartedAsync(params string[] names)
    {
        await Awaiting.UntilAsync(() =>
        {
            lock (_started)
            {
                return _started.Count >= names.Length;
            }
        });
        Assert.Equal(names, _started);
    }
}
