using Gossip.Agreement;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>First come, first served, and nobody waits for somebody who does not end.</summary>
public sealed class TurnQueueTests
{
    private readonly AgreementOutbox _outbox = new();
    private readonly TurnQueue _queue;

    public TurnQueueTests() => _queue = new TurnQueue(_outbox);

    private ulong[] Granted => [.. _outbox.Turns.Where(turn => turn.Message.Step == TurnStep.Grant).Select(turn => turn.Message.Turn.Number)];

    [Fact]
    public void Turns_come_in_the_order_in_which_they_were_asked_for()
    {
        Ask(3, 1, 2);
        Assert.Equal([3UL], Granted);

        _queue.End(now: 1, TurnOf(3));
        _queue.End(now: 2, TurnOf(1));
        Assert.Equal([3UL, 1UL, 2UL], Granted);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public void A_turn_that_is_not_ended_ends_by_itself()
    {
        Ask(1, 2);
        _queue.OnTick(TurnQueue.LongestTurn.Ticks - 1);
        Assert.Equal([1UL], Granted);

        Assert.Equal(TurnQueue.LongestTurn.Ticks, _queue.NextDeadline);
        _queue.OnTick(TurnQueue.LongestTurn.Ticks);
        Assert.Equal([1UL, 2UL], Granted);
    }

    [Fact]
    public void Who_gives_up_is_passed_over_and_a_second_wish_by_the_same_name_is_one()
    {
        Ask(1, 2, 2, 3);
        _queue.End(now: 0, TurnOf(2));
        _queue.End(now: 0, TurnOf(1));

        Assert.Equal([1UL, 3UL], Granted);
    }

    [Fact]
    public void When_nobody_waits_nothing_is_due()
    {
        Ask(1);
        _queue.End(now: 0, TurnOf(1));

        Assert.Equal(long.MaxValue, _queue.NextDeadline);
    }

    [Fact]
    public void One_node_cannot_fill_the_line_whatever_lives_it_gives_itself()
    {
        const ulong Wishes = 1000;
        const ulong Other = 5000;
        for (var number = 1UL; number <= Wishes; number++)
        {
            _queue.Ask(now: 0, TurnOf(number) with { Owner = TurnOf(number).Owner with { Generation = number } });
        }

        Assert.Equal(TurnQueue.MaxPerNode, _queue.Waiting);
        Assert.Equal(Wishes - TurnQueue.MaxPerNode, (ulong)Granted.Length); // they go first, as if there were no line

        var other = new Turn(new NodeInstance(new NodeId(new UInt128(0, 6)), 1), Other);
        _queue.Ask(now: 0, other);
        Assert.Equal(TurnQueue.MaxPerNode + 1, _queue.Waiting);
        for (var turn = 1; turn <= TurnQueue.MaxPerNode + 1; turn++)
        {
            _queue.OnTick(turn * TurnQueue.LongestTurn.Ticks);
        }

        Assert.Equal(Other, Granted[^1]);
        Ask(6000, 6001);
        Assert.Equal(2, _queue.Waiting); // those that were served count no more
    }

    [Theory]
    [InlineData(TurnStep.Ask)]
    [InlineData(TurnStep.Grant)]
    [InlineData(TurnStep.End)]
    public void Words_about_turns_survive_the_wire(object step)
    {
        var message = new TurnMessage((TurnStep)step, TurnOf(77));
        Assert.True(TurnFormat.TryRead(TurnFormat.Encode(message), out var read));
        Assert.Equal(message, read);
    }

    private static Turn TurnOf(ulong number) => new(new NodeInstance(new NodeId(new UInt128(0, 5)), 6), number);

    private void Ask(params ulong[] numbers)
    {
        foreach (var number in numbers)
        {
            _queue.Ask(now: 0, TurnOf(number));
        }
    }
}
