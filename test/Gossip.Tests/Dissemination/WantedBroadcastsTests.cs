using Gossip.Dissemination;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Dissemination;

public sealed class WantedBroadcastsTests
{
    private const long Timeout = 100;

    private readonly WantedBroadcasts _wanted = new();
    private long _now;

    [Fact]
    public void Each_is_asked_for_at_one_member_at_a_time_and_then_at_another()
    {
        Note(1, 'b');
        Note(1, 'c');
        Assert.Equal(_now, _wanted.NextDeadline);
        var one = Assert.Single(Ask('c'));
        Note(1, 'd');
        Note(1, 'c'); // it was asked, and may just be slow

        _now += Timeout - 1;
        Assert.Empty(Take());
        _now++;
        Assert.Same(one, Assert.Single(Take()));
        Assert.Equal(TestNodes.Id('d'), one.Holder);
    }

    [Fact]
    public void What_nobody_gives_is_forgotten_until_it_is_announced_again()
    {
        Note(1, 'b');
        for (var i = 0; i < BroadcastLimits.MaxAsks; i++)
        {
            Assert.Single(Ask('b'));
            _now += Timeout;
        }

        Assert.Empty(Take());
        Assert.Equal((0, long.MaxValue), (_wanted.Count, _wanted.NextDeadline));
        Note(1, 'b');
        Assert.Single(Take());
    }

    [Theory]
    [InlineData(false, BroadcastLimits.MaxSmallAsked)]
    [InlineData(true, BroadcastLimits.MaxLargeAsked)]
    public void Only_so_many_are_on_their_way_and_each_that_arrives_makes_room(bool isLarge, int most)
    {
        for (ulong i = 1; i <= (ulong)most + 2; i++)
        {
            Note(i, 'b', isLarge);
        }

        var asked = Ask('b');
        Assert.Equal(most, asked.Count);
        Assert.Empty(Take());
        Assert.Equal(_now + Timeout, _wanted.NextDeadline);

        Assert.NotNull(_wanted.Remove(asked[0].Origin, asked[0].Sequence, _now));
        Assert.Equal(_now, _wanted.NextDeadline);
        Assert.Single(Ask('b'));
        Assert.Empty(Take());

        _now += Timeout; // the others are asked for again, and share the room with the last one
        Assert.Equal(most, Take().Count);
    }

    [Fact]
    public void A_lost_stream_has_what_was_asked_on_it_asked_for_at_once()
    {
        Note(1, 'b');
        Note(2, 'c');
        Ask('b');
        _wanted.OnLost(TestNodes.Endpoint('c'), _now);
        Assert.Empty(Take());
        _wanted.OnLost(TestNodes.Endpoint('b'), _now);
        Assert.Equal(2, Take().Count);
    }

    [Fact]
    public void Their_number_is_bounded()
    {
        for (ulong i = 1; i <= BroadcastLimits.MaxWanted + 1; i++)
        {
            Note(i, 'b');
        }

        Assert.Equal(BroadcastLimits.MaxWanted, _wanted.Count);
        _wanted.Clear();
        Assert.Equal((0, long.MaxValue), (_wanted.Count, _wanted.NextDeadline));
    }

    [Fact]
    public void A_budget_allows_a_burst_and_then_a_rate()
    {
        var budget = new AnswerBudget(burst: 100, bytesPerSecond: 10);
        Assert.True(budget.TryTake(60, 0));
        Assert.False(budget.TryTake(50, 0));
        Assert.True(budget.TryTake(50, TimeSpan.TicksPerSecond));
        Assert.False(budget.TryTake(1, TimeSpan.TicksPerSecond));
        Assert.False(budget.TryTake(101, 1000 * TimeSpan.TicksPerSecond));
        Assert.True(budget.TryTake(100, 1000 * TimeSpan.TicksPerSecond));
    }

    private void Note(ulong sequence, char holder, bool isLarge = false) =>
        _wanted.Note(TestNodes.Instance('a'), sequence, TestNodes.Id(holder), isLarge, isFresh: false, _now);

    private List<WantedBroadcast> Take()
    {
        List<WantedBroadcast> due = [];
        _wanted.TakeDue(_now, due);
        return due;
    }

    private List<WantedBroadcast> Ask(char member)
    {
        var due = Take();
        due.ForEach(one => _wanted.OnAsked(one, TestNodes.Id(member), TestNodes.Endpoint(member), _now + Timeout));
        return due;
    }
}
