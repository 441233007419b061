using Gossip.Simulation;
using Xunit;

namespace Gossip.Tests.Simulation;

/// <summary>Seeds that once failed or were far too slow, each named after what was broken.</summary>
public sealed class RegressionTests
{
    [Fact]
    public void A_node_that_calls_itself_joining_is_let_in_by_its_first_request() =>
        AssertConvergesWithin("cold-start-3", 1, TimeSpan.FromSeconds(1));

    [Fact]
    public void Newcomers_pass_on_each_others_facts() =>
        AssertConvergesWithin("cold-start-30", 20, TimeSpan.FromSeconds(5));

    [Fact]
    public void Groups_that_formed_while_no_seed_was_there_meet() => AssertHolds("leave", 14);

    [Fact]
    public void Who_missed_a_farewell_hears_of_it_when_it_accuses() => AssertHolds("leave", 99);

    [Fact]
    public void Facts_of_an_earlier_life_vanish_after_restarts_with_the_clock_set_back() => AssertHolds("flapping", 6);

    [Fact]
    public void A_generation_above_the_one_that_peers_remember_is_not_that_of_a_short_life_between() => AssertHolds("flapping", 2353);

    [Fact]
    public void Answers_that_vanish_in_half_open_connections_are_made_up_for() =>
        AssertConvergesWithin("flapping", 13054, TimeSpan.FromSeconds(100));

    [Fact]
    public void Nacks_of_slow_helpers_arrive_in_time() => AssertHolds("lone-crashes", 3);

    [Fact]
    public void A_probe_that_began_in_trouble_brings_the_last_doubts_when_it_fails() => AssertHolds("sick-sender", 758);

    private static RunResult AssertHolds(string scenario, ulong seed)
    {
        var result = ScenarioRun.Play(Scenario.All[scenario](), seed);
        Assert.Null(result.Violation);
        return result;
    }

    private static void AssertConvergesWithin(string scenario, ulong seed, TimeSpan time) =>
        Assert.InRange(AssertHolds(scenario, seed).Converged, TimeSpan.Zero, time);
}
