using Gossip.Membership;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>The formulas with their numbers spelled out: whoever changes one sees what it does.</summary>
public class ProtocolTimingTests
{
    [Theory]
    [InlineData(1, 4)]
    [InlineData(9, 4)]
    [InlineData(10, 8)]
    [InlineData(99, 8)]
    [InlineData(100, 12)]
    [InlineData(1000, 16)]
    public void A_rumour_is_sent_four_times_the_logarithm(int members, int times) =>
        Assert.Equal(times, ProtocolTiming.Lan.RetransmitLimit(members));

    [Theory]
    [InlineData(GossipProfile.Lan, 3, 1, 6)]
    [InlineData(GossipProfile.Lan, 10, 1, 6)]
    [InlineData(GossipProfile.Lan, 100, 2, 12)]
    [InlineData(GossipProfile.Lan, 1000, 3, 18)]
    [InlineData(GossipProfile.Local, 1, 0.4, 2.4)]
    [InlineData(GossipProfile.Local, 100, 0.8, 4.8)]
    [InlineData(GossipProfile.Wan, 100, 12, 72)]
    public void Suspicions_last(GossipProfile profile, int members, double minSeconds, double maxSeconds)
    {
        var timing = ProtocolTiming.For(profile);

        Assert.Equal(TimeSpan.FromSeconds(minSeconds), timing.SuspicionMin(members));
        Assert.Equal(TimeSpan.FromSeconds(maxSeconds), timing.SuspicionMax(members));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(100, 2)]
    public void Those_who_can_confirm_exclude_the_accused_and_the_accuser(int members, int confirmations) =>
        Assert.Equal(confirmations, ProtocolTiming.Lan.ConfirmationsNeeded(members));

    [Theory]
    [InlineData(3, 400)]
    [InlineData(10, 800)]
    [InlineData(100, 1400)]
    [InlineData(1000, 2000)]
    public void A_rumour_reaches_all_within(int members, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ProtocolTiming.Lan.SpreadTime(members));

    [Theory]
    [InlineData(2, 3 + 1 + 0.3 + 0.45 + (2 * 0.2))] // nobody can confirm
    [InlineData(3, 5 + 1 + 0.3 + 0.45 + (2 * 0.4))]
    [InlineData(100, 17 + 0.3 + 0.45 + (2 * 1.4))] // until the third has probed; the suspicion that two confirm has run out by then
    public void A_crash_is_known_within(int members, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ProtocolTiming.Lan.DetectionBound(members));

    [Theory]
    [InlineData(GossipProfile.Local)]
    [InlineData(GossipProfile.Lan)]
    [InlineData(GossipProfile.Wan)]
    public void A_probe_ends_before_the_next_begins(GossipProfile profile)
    {
        var timing = ProtocolTiming.For(profile);

        Assert.True(timing.ProbeTimeout + timing.IndirectTimeout <= timing.ProbeInterval);
        Assert.True(timing.GossipInterval < timing.ProbeInterval);
    }

    [Fact]
    public void An_unknown_profile_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ProtocolTiming.For((GossipProfile)9));
}
