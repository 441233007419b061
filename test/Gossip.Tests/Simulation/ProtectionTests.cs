using Gossip.Simulation;
using Xunit;

namespace Gossip.Tests.Simulation;

/// <summary>What Lifeguard adds to SWIM, and repair to broadcasts, is missed when it is gone, and the same seeds hold when it is there.</summary>
public sealed class ProtectionTests
{
    private const int Seeds = 2;

    /// <summary>Its violations are of several rules; this one is the first that is broken in two of five runs.</summary>
    private const int SeedsOfSickSender = 8;

    [Fact]
    public void Without_nacks_the_healthy_blame_themselves_for_a_crash() => AssertNoticed("lone-crashes", Protection.Nacks, LoneCrashes.SelfTrust);

    [Fact]
    public void Without_confirmations_a_crash_is_known_too_late() => AssertNoticed("lone-crashes", Protection.Confirmations, LoneCrashes.SwiftDetection);

    [Fact]
    public void Without_local_health_who_cannot_send_accuses_everybody() => AssertNoticed("sick-sender", Protection.Awareness, SickSender.RashAccusations, SeedsOfSickSender);

    [Fact]
    public void Without_digests_who_was_away_misses_broadcasts() => AssertNoticed("broadcasts", Protection.BroadcastDigests, BroadcastRepairScenario.Coverage);

    private static void AssertNoticed(string scenario, Protection without, string rule, int seeds = Seeds)
    {
        var jobs = Environment.ProcessorCount;
        Assert.Empty(Campaign.Play(scenario, firstSeed: 1, seeds, jobs).Violations);
        Assert.Contains(Campaign.Play(scenario, firstSeed: 1, seeds, jobs, without: without).Violations, run => run.Violation!.Rule == rule);
    }
}
