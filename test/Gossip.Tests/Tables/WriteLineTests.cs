using Gossip.Tables;
using Gossip.Tests.Messaging;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Tables;

public sealed class WriteLineTests
{
    private static readonly Guid Table = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly Guid Successor = Guid.Parse("22222222-2222-2222-2222-222222222222");

    private readonly WriteLine _line = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ValueTask<bool> EnterAsync(long stamp, CancellationToken cancellationToken) =>
        _line.EnterAsync(stamp, TimeSpan.FromMinutes(1), TimeProvider.System, cancellationToken);

    [Fact]
    public async Task Who_expects_a_version_that_was_passed_has_lost()
    {
        Assert.True(await EnterAsync(5, Token));
        _line.Leave(5, current: 6);
        Assert.False(await EnterAsync(5, Token));

        _line.Learn(Table, 8);
        Assert.False(await EnterAsync(7, Token));
        Assert.True(await EnterAsync(8, Token));
    }

    [Fact]
    public async Task One_at_a_time_is_at_the_head_and_all_others_lose_when_it_wins()
    {
        Assert.True(await EnterAsync(5, Token));
        var second = EnterAsync(5, Token).AsTask();
        var third = EnterAsync(5, Token).AsTask();
        Assert.True(await EnterAsync(6, Token)); // of another version: perhaps this node has not yet heard of it
        Assert.False(second.IsCompleted);

        Assert.True(_line.Leave(5, current: 6));
        Assert.All(await Task.WhenAll(second, third).InTime(), Assert.False);
        Assert.False(_line.Leave(6, current: 7));
    }

    [Fact]
    public async Task The_next_one_goes_on_when_the_head_did_not_change_the_version()
    {
        Assert.True(await EnterAsync(5, Token));
        var second = EnterAsync(5, Token).AsTask();
        var third = EnterAsync(5, Token).AsTask();

        Assert.False(_line.Leave(5, current: -1)); // it failed, and nothing is known
        Assert.True(await second.InTime());
        Assert.False(third.IsCompleted);
        Assert.False(_line.Leave(5, current: 5)); // it lost for another reason than the version
        Assert.True(await third.InTime());
        Assert.False(_line.Leave(5, current: 5));
        Assert.True(await EnterAsync(5, Token));
    }

    [Fact]
    public async Task Who_gives_up_is_passed_over()
    {
        Assert.True(await EnterAsync(5, Token));
        using var patience = new CancellationTokenSource();
        var second = EnterAsync(5, patience.Token).AsTask();
        var third = EnterAsync(5, Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        _line.Leave(5, current: -1);
        Assert.True(await third.InTime());
    }

    [Fact]
    public async Task A_table_that_succeeds_another_may_begin_at_an_earlier_version()
    {
        _line.Learn(Table, 8);
        Assert.False(await EnterAsync(7, Token));
        _line.Learn(Successor, 6);
        Assert.True(await EnterAsync(7, Token));
    }

    [Fact]
    public async Task Who_waits_too_long_gives_up_its_place()
    {
        var clock = new TestClock();
        Assert.True(await EnterAsync(5, Token));
        var second = _line.EnterAsync(5, TimeSpan.FromSeconds(1), clock, Token).AsTask();
        var third = EnterAsync(5, Token).AsTask();
        clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => second);
        _line.Leave(5, current: -1);
        Assert.True(await third.InTime());
    }
}
