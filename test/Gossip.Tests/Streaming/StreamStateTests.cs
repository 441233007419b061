using Gossip.Streaming;
using Xunit;

namespace Gossip.Tests.Streaming;

public sealed class StreamStateTests
{
    private const int Window = 100;
    private const int Steps = 100_000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_the_order_of_things_exactly_the_bytes_arrive_in_order(int seed)
    {
        var random = new Random(seed);
        var model = new StreamModel(random.Next(0, 2000));
        model.Ends[1].Total = random.Next(0, 2000);
        for (var step = 0; step < Steps && !model.IsOver; step++)
        {
            model.Step(random);
        }

        Assert.True(model.IsOver, $"seed {seed}: it did not end");
        for (var at = 0; at < 2; at++)
        {
            var (end, other) = (model.Ends[at], model.Ends[1 - at]);
            Assert.Equal(other.Total, end.Read());
            Assert.Null(end.Ended);
            Assert.InRange(end.MaxUnread, 0, StreamModel.Window);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_reader_that_goes_ends_its_direction_and_not_the_other(int seed)
    {
        var random = new Random(seed);
        var model = new StreamModel(random.Next(1, 2000));
        var leaves = random.Next(0, 500);
        for (var step = 0; step < Steps && !model.IsOver; step++)
        {
            if (step == leaves)
            {
                model.Ends[1].Unread.Clear();
                model.Ends[1].State.StopReading(null);
            }

            model.Step(random);
        }

        Assert.True(model.IsOver, $"seed {seed}: it did not end");
        Assert.Equal(model.Ends[1].Total, model.Ends[0].Read());
        Assert.True(model.Ends[1].GotEnd);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_reset_ends_both_ends_whenever_it_comes(int seed)
    {
        var random = new Random(seed);
        var model = new StreamModel(2000);
        var at = random.Next(0, 500);
        var who = random.Next(2);
        for (var step = 0; step < Steps && !model.IsOver; step++)
        {
            if (step == at)
            {
                model.Ends[who].State.Abort(Ending.Stopping);
            }

            model.Step(random);
        }

        Assert.True(model.IsOver, $"seed {seed}: it did not end");
        Assert.Equal(Ending.Stopping, model.Ends[1 - who].Ended);
    }

    [Fact]
    public void A_sender_stops_at_the_window_and_goes_on_with_credit()
    {
        var sender = new StreamState(Window, Window, owesAnswer: false);
        var first = sender.Next(1000, completed: false);
        Assert.Equal(new StreamSaying(StreamStep.Data, 0, Window), first);
        sender.Said(first);
        Assert.Equal(StreamStep.None, sender.Next(1000, completed: false).Step);
        Assert.Equal(StreamStep.None, sender.Next(1000, completed: true).Step);

        sender.OnCredit(Window + 1);
        sender.OnCredit(Window); // credit never shrinks
        Assert.Equal(new StreamSaying(StreamStep.Data, Window, 1), sender.Next(1000, completed: false));
    }

    [Fact]
    public void Credit_is_given_in_batches_and_not_after_the_end()
    {
        var receiver = new StreamState(Window, Window, owesAnswer: false);
        Assert.Null(receiver.OnData(0, Window));
        receiver.Consume((Window / 2) - 1);
        Assert.False(receiver.IsUrgent);
        receiver.Consume(1);
        Assert.True(receiver.IsUrgent);
        Assert.Equal(new StreamSaying(StreamStep.Credit, Window + (Window / 2)), receiver.Next(0, completed: false));

        Assert.Null(receiver.OnEnd(Window));
        Assert.Equal(StreamStep.None, receiver.Next(0, completed: false).Step);
    }

    [Fact]
    public void What_is_lost_repeated_or_too_much_is_named()
    {
        Assert.Contains("due", Receiver().OnData(11, 1), StringComparison.Ordinal);
        Assert.Contains("due", Receiver().OnData(9, 1), StringComparison.Ordinal);
        Assert.Contains("allowed", Receiver().OnData(10, 0), StringComparison.Ordinal);
        Assert.Contains("allowed", Receiver().OnData(10, Window - 9), StringComparison.Ordinal);
        Assert.Contains("had come", Receiver().OnEnd(11), StringComparison.Ordinal);
        Assert.Contains("had come", Receiver().OnEnd(9), StringComparison.Ordinal);
        var ended = Receiver();
        Assert.Null(ended.OnEnd(10));
        Assert.Contains("after the end", ended.OnData(10, 1), StringComparison.Ordinal);
        Assert.Contains("twice", ended.OnEnd(10), StringComparison.Ordinal);

        static StreamState Receiver()
        {
            var state = new StreamState(Window, Window, owesAnswer: false);
            Assert.Null(state.OnData(0, 10));
            return state;
        }
    }

    [Fact]
    public void The_answer_comes_before_anything_else_also_before_a_reset()
    {
        var state = new StreamState(Window, Window, owesAnswer: true);
        state.Abort(Ending.Stopping);
        var answer = state.Next(10, completed: true);
        Assert.Equal(StreamStep.Answer, answer.Step);
        state.Said(answer);
        Assert.Equal(StreamStep.Reset, state.Next(10, completed: true).Step);
    }

    [Fact]
    public void It_is_over_only_when_the_reader_has_read_it()
    {
        var state = new StreamState(Window, Window, owesAnswer: false);
        state.Said(state.Next(0, completed: true));
        Assert.Null(state.OnData(0, 10));
        Assert.Null(state.OnEnd(10));
        Assert.False(state.IsOver);
        state.Consume(10);
        Assert.True(state.IsOver);
    }

    [Fact]
    public void Streams_take_turns_and_what_is_urgent_comes_first()
    {
        var schedule = new StreamSchedule<string>();
        schedule.Add("a", urgent: false);
        schedule.Add("b", urgent: false);
        schedule.Add("a", urgent: false);
        schedule.Add("c", urgent: true);
        List<string> turns = [];
        while (schedule.TryPeek(out var stream))
        {
            turns.Add(stream);
            schedule.Remove();
            if (turns.Count < 4)
            {
                schedule.Add(stream, urgent: false);
            }
        }

        Assert.Equal(["c", "a", "b", "c", "a", "b"], turns);
    }

    [Fact]
    public async Task A_place_is_refused_beyond_the_limits_and_nothing_is_kept_of_who_had_one()
    {
        var (a, b, c) = (NodeId.Parse($"{1:x32}"), NodeId.Parse($"{2:x32}"), NodeId.Parse($"{3:x32}"));
        var quota = new StreamQuota(limit: 3, limitPerPeer: 2);
        Assert.True(quota.TryTake(a) && quota.TryTake(a) && !quota.TryTake(a));
        Assert.True(quota.TryTake(b) && !quota.TryTake(c));
        var idle = quota.WhenIdle();
        quota.GiveBack(a);
        Assert.True(quota.TryTake(c));
        quota.GiveBack(a);
        quota.GiveBack(b);
        Assert.False(idle.IsCompleted);
        quota.GiveBack(c);
        await idle;
        Assert.Equal((0, 0), (quota.Count, quota.Peers));
    }
}
