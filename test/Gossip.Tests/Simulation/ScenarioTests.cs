using Gossip.Simulation;
using Xunit;

namespace Gossip.Tests.Simulation;

public sealed class ScenarioTests
{
    /// <summary>As many seeds as fit into the time of a test run; the command plays thousands.</summary>
    private static readonly Dictionary<string, int> Seeds = new()
    {
        ["cold-start-3"] = 20,
        ["cold-start-100"] = 1,
        ["cold-start-300"] = 1,
        ["crash-1-of-100"] = 2,
        ["crash-10-of-100"] = 1,
        ["crash-300"] = 1,
        ["loss-sweep"] = 7,
        ["lifeguard"] = 1,
        ["lone-crashes"] = 1,
        ["sick-sender"] = 12,
    };

    private const int UsualSeeds = 8;

    public static TheoryData<string> Names => [.. Scenario.All.Where(scenario => !scenario.Value().OnDemand).Select(scenario => scenario.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Keeps_all_promises(string name)
    {
        var campaign = Campaign.Play(name, firstSeed: 1, Seeds.GetValueOrDefault(name, UsualSeeds), Environment.ProcessorCount);

        Assert.Empty(campaign.Violations.Select(run => $"seed {run.Seed}, tick {run.EndedAt}: {run.Violation!.Message}"));
    }

    [Theory]
    [InlineData("cold-start-3")]
    [InlineData("crash")]
    [InlineData("loss")]
    [InlineData("flapping")]
    [InlineData("broadcasts")]
    public void The_same_seed_is_the_same_run_bit_for_bit(string name)
    {
        const ulong Seed = 7;
        var first = ScenarioRun.Play(Scenario.All[name](), Seed);
        var again = ScenarioRun.Play(Scenario.All[name](), Seed, TextWriter.Null);
        var other = ScenarioRun.Play(Scenario.All[name](), Seed + 1);

        Assert.Equal((first.Hash, first.Events, first.EndedAt), (again.Hash, again.Events, again.EndedAt));
        Assert.NotEqual(first.Hash, other.Hash);
    }
}
