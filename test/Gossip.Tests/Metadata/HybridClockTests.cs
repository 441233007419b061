using FsCheck;
using FsCheck.Fluent;
using Gossip.Metadata;
using Xunit;

namespace Gossip.Tests.Metadata;

public class HybridClockTests
{
    private const ulong Drift = 1000;
    private const ulong StampsPerMicro = 1UL << HybridTimestamp.CounterBits;

    [Fact]
    public void Stamps_rise_whatever_the_wall_clock_does() =>
        Prop.ForAll<uint[]>(walls =>
        {
            var clock = new HybridClock(Drift);
            var last = 0UL;
            return walls.All(wall =>
            {
                // Half of the walls are close together, so that the counter is used.
                var given = clock.TryNext(wall % 2 == 0 ? wall : wall % 3, out var stamp);
                var rises = given && stamp > last && clock.Last == stamp;
                last = stamp;
                return rises;
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void After_an_observed_stamp_the_next_is_higher() =>
        Prop.ForAll<uint, DoNotSize<ulong>>((wall, anything) =>
        {
            var clock = new HybridClock(Drift);
            var remote = anything.Item % ((wall + Drift) * StampsPerMicro);
            return clock.TryObserve(remote, wall) && clock.TryNext(wall, out var next) && next > remote;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_stamp_from_too_far_in_the_future_changes_nothing()
    {
        var clock = new HybridClock(Drift);
        Assert.True(clock.TryNext(500, out var before));
        Assert.True(clock.TryObserve(((500 + Drift) * StampsPerMicro) - 1, 500));
        var observed = clock.Last;
        Assert.True(observed > before);

        Assert.False(clock.TryObserve((500 + Drift + 1) * StampsPerMicro, 500));
        Assert.False(clock.TryObserve(ulong.MaxValue, 500));
        Assert.Equal(observed, clock.Last);
    }

    [Fact]
    public void An_old_stamp_is_observed_without_effect()
    {
        var clock = new HybridClock(Drift);
        Assert.True(clock.TryNext(500, out var stamp));
        Assert.True(clock.TryObserve(stamp - 1, 500));
        Assert.Equal(stamp, clock.Last);
    }

    [Fact]
    public void A_full_counter_carries_into_the_next_microsecond()
    {
        var clock = new HybridClock(Drift);
        Assert.True(clock.TryNext(7, out var first));
        for (var i = 1UL; i <= StampsPerMicro; i++)
        {
            Assert.True(clock.TryNext(7, out var stamp));
            Assert.Equal(first + i, stamp);
        }

        Assert.Equal(8UL * StampsPerMicro, clock.Last);
    }

    [Fact]
    public void The_clock_waits_rather_than_run_away_from_the_wall()
    {
        var clock = new HybridClock(maxDriftMicros: 1);
        var given = 0UL;
        while (clock.TryNext(7, out _))
        {
            given++;
        }

        Assert.Equal(2 * StampsPerMicro, given); // the microseconds 7 and 8
        var last = clock.Last;
        Assert.False(clock.TryNext(7, out var none));
        Assert.Equal(0UL, none);
        Assert.Equal(last, clock.Last);
        Assert.True(clock.TryNext(8, out var next));
        Assert.Equal(last + 1, next);
    }

    [Fact]
    public void The_last_stamp_of_all_is_not_followed_by_the_first()
    {
        var clock = new HybridClock();
        Assert.True(clock.TryObserve(ulong.MaxValue, ulong.MaxValue));
        Assert.False(clock.TryNext(ulong.MaxValue, out _));
        Assert.False(clock.TryNext(0, out _));
    }

    [Fact]
    public void Concurrent_callers_never_get_the_same_stamp()
    {
        const int Callers = 4, Calls = 20_000;
        var clock = new HybridClock();
        var stamps = new ulong[Callers][];
        Parallel.For(0, Callers, caller =>
        {
            stamps[caller] = new ulong[Calls];
            for (var i = 0; i < Calls; i++)
            {
                Assert.True(clock.TryNext((ulong)(i / 100), out stamps[caller][i]));
            }
        });

        Assert.All(stamps, own => Assert.True(own.Zip(own.Skip(1)).All(pair => pair.First < pair.Second)));
        Assert.Equal(Callers * Calls, stamps.SelectMany(own => own).Distinct().Count());
    }

    [Fact]
    public void A_timestamp_shows_time_and_counter()
    {
        var time = new DateTimeOffset(2025, 6, 1, 14, 0, 0, TimeSpan.FromHours(2)).AddMicroseconds(250);
        var clock = new HybridClock();
        Assert.True(clock.TryNext(HybridTimestamp.ToMicros(time), out _));
        Assert.True(clock.TryNext(HybridTimestamp.ToMicros(time), out var stamp));
        var timestamp = new HybridTimestamp(stamp);

        Assert.Equal(time, timestamp.Time);
        Assert.Equal(1, timestamp.Counter);
        Assert.Equal("2025-06-01T12:00:00.000250Z+1", timestamp.ToString());
        Assert.True(timestamp > new HybridTimestamp(stamp - 1) && timestamp >= new HybridTimestamp(stamp));
        Assert.True(timestamp < new HybridTimestamp(stamp + 1) && timestamp <= new HybridTimestamp(stamp));
        Assert.Equal(1, timestamp.CompareTo(default));
    }

    [Fact]
    public void All_timestamps_are_times_and_all_times_are_counted()
    {
        Assert.Equal(2595, new HybridTimestamp(ulong.MaxValue).Time.Year);
        Assert.Equal(0UL, HybridTimestamp.ToMicros(DateTimeOffset.MinValue));
        Assert.True(new HybridClock().TryNext(HybridTimestamp.ToMicros(DateTimeOffset.MaxValue), out var stamp));
        Assert.Equal(2595, new HybridTimestamp(stamp).Time.Year);
    }
}
