using Gossip.Dissemination;
using Gossip.Messaging;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Dissemination;

public sealed class BroadcastWindowTests
{
    private const int Second = 1000;
    private const int Length = 30 * Second;
    private const int Room = 1000;

    private readonly BroadcastCounters _counters = new();
    private readonly BroadcastWindow _window;

    public BroadcastWindowTests() => _window = new BroadcastWindow(Length, Room, _counters);

    private static NodeInstance Origin => TestNodes.Instance('a');

    [Fact]
    public void What_can_be_repaired_is_within_what_receivers_tell_apart()
    {
        Assert.InRange(BroadcastLimits.PerOrigin, 1, DeliveryWindow.Size / 2);
        Assert.InRange(BroadcastLimits.PerOrigin, 1, SequenceWindow.Size);
        Assert.True(BroadcastLimits.MaxBody >= MessageLimits.MaxPayloadSize + MessageLimits.MaxHeaderBytes + Room);
        Assert.True(BroadcastLimits.MaxFrame == MessageLimits.MaxFrameSize);
        Assert.True(BroadcastLimits.MinBytes >= BroadcastLimits.OwnShare * BroadcastLimits.MaxBody);
    }

    [Fact]
    public void It_keeps_what_it_saw_for_its_length_and_remembers_it_for_longer()
    {
        Take(1, size: 10, at: 0);
        Take(2, size: 10, at: Second);

        _window.Expire(Length - 1);
        Assert.Equal((2, 20), (_window.Count, _window.Bytes));
        _window.Expire(Length);
        Assert.Equal((1, 10), (_window.Count, _window.Bytes));
        _window.Expire(Length + Second);
        Assert.Equal((0, 0), (_window.Count, _window.Bytes));
        Assert.Empty(_window.Holding);

        Assert.False(_window.IsMissing(Origin, 1));
        Assert.False(_window.TryMark(Origin, 2));
        Assert.True(_window.IsMissing(Origin, 3));
        Assert.Equal(0, _counters.Dropped); // their time was over
    }

    [Fact]
    public void When_it_is_full_the_oldest_make_room_and_are_counted()
    {
        Take(2, size: 400, at: Second);
        Take(1, size: 400, at: 0); // repaired: older, though it came later
        Take(3, size: 300, at: 2 * Second);

        Assert.Null(Find(1));
        Assert.NotNull(Find(2));
        Assert.Equal((2, 700), (_window.Count, _window.Bytes));
        Assert.Equal((2, 700, 1), (_counters.Kept, _counters.KeptBytes, _counters.Dropped));
        Assert.False(_window.IsMissing(Origin, 1)); // it was handled, and is not asked for
    }

    [Fact]
    public void What_is_too_old_or_too_large_is_not_kept_and_counts_as_seen()
    {
        Take(1, size: 10, at: 0, now: Length);
        Take(2, size: Room + 1, at: Length, now: Length);

        Assert.Equal(0, _window.Count);
        Assert.False(_window.IsMissing(Origin, 1));
        Assert.False(_window.IsMissing(Origin, 2));
    }

    [Fact]
    public void Of_each_origin_only_the_latest_numbers_are_kept_and_asked_for()
    {
        const ulong Last = BroadcastLimits.PerOrigin + 100;
        for (ulong sequence = 1; sequence <= Last; sequence++)
        {
            Take(sequence, size: 1, at: 0);
        }

        Assert.Equal(BroadcastLimits.PerOrigin, _window.Count);
        Assert.Null(Find(100));
        Assert.NotNull(Find(101));
        Assert.Equal(100, _counters.Dropped);

        Take(Last + (2 * BroadcastLimits.PerOrigin), size: 1, at: 0);
        Assert.Equal(1, _window.Count);
        Assert.False(_window.IsMissing(Origin, Last + 1)); // never seen, and too old by now
        Assert.True(_window.IsMissing(Origin, Last + (2 * BroadcastLimits.PerOrigin) - 1));
    }

    [Fact]
    public void Its_count_is_bounded_over_all_origins()
    {
        var window = new BroadcastWindow(Length, int.MaxValue, _counters);
        for (ulong generation = 1; generation <= BroadcastLimits.MaxKept + 10; generation++)
        {
            window.TryMark(TestNodes.Instance('a', generation), 1);
            window.Keep(TestNodes.Instance('a', generation), 1, new byte[1], 0, isLarge: false, 0);
        }

        Assert.Equal(BroadcastLimits.MaxKept, window.Count);
        Assert.Equal(BroadcastLimits.MaxKept, window.Holding.Count);
    }

    [Fact]
    public void Origins_of_which_something_is_kept_are_remembered_however_many_others_come()
    {
        Take(7, size: 10, at: 0);
        for (ulong generation = 2; generation <= (2 * BroadcastLimits.MaxOrigins) + 2; generation++)
        {
            Assert.True(_window.TryMark(TestNodes.Instance('a', generation), 1));
        }

        Assert.False(_window.TryMark(Origin, 7));
        Assert.True(_window.TryMark(TestNodes.Instance('a', 2), 1)); // of this one nothing was kept
    }

    /// <summary>Against a list that does the same in the plainest way.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_keeps_what_a_plain_list_would(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        List<(NodeInstance Origin, ulong Sequence, int Size, long At)> model = [];
        HashSet<(NodeInstance, ulong)> seen = [];
        Dictionary<NodeInstance, ulong> highest = [];
        for (var now = 1L; now < 2000; now++)
        {
            var origin = TestNodes.Instance((char)('a' + random.Next(3)));
            var top = highest.GetValueOrDefault(origin);
            var sequence = (ulong)Math.Max(1, (long)top + random.Next(-600, 4));
            var (size, at) = (random.Next(100), now - random.Next(Length + 100));
            var isNew = seen.Add((origin, sequence));
            Assert.Equal(isNew, _window.TryMark(origin, sequence));
            if (!isNew)
            {
                continue;
            }

            _window.Expire(now);
            model.RemoveAll(kept => now - kept.At >= Length);
            _window.Keep(origin, sequence, new byte[size], at, isLarge: false, now);
            highest[origin] = Math.Max(top, sequence);
            model.RemoveAll(kept => kept.Origin == origin && kept.Sequence + BroadcastLimits.PerOrigin <= highest[origin]);
            if (now - at < Length && sequence + BroadcastLimits.PerOrigin > highest[origin])
            {
                while (model.Sum(kept => kept.Size) + size > Room)
                {
                    // Of those that are equally old either may go.
                    var oldest = model.Min(kept => kept.At);
                    var gone = model.First(kept => kept.At == oldest && Find(kept.Origin, kept.Sequence) is null);
                    model.Remove(gone);
                }

                model.Add((origin, sequence, size, at));
            }

            Assert.Equal((model.Count, model.Sum(kept => kept.Size)), (_window.Count, _window.Bytes));
            Assert.All(model, kept => Assert.NotNull(Find(kept.Origin, kept.Sequence)));
            Assert.Equal(model.Select(kept => kept.Origin).Distinct().Count(), _window.Holding.Count);
        }
    }

    private void Take(ulong sequence, int size, long at, long now = 0)
    {
        _window.TryMark(Origin, sequence);
        _window.Keep(Origin, sequence, new byte[size], at, isLarge: false, now);
    }

    private KeptBroadcast? Find(ulong sequence) => Find(Origin, sequence);

    private KeptBroadcast? Find(NodeInstance origin, ulong sequence) => _window.TryFind(origin, out var found) ? found.Find(sequence) : null;
}
