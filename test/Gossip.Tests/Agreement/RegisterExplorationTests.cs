using Gossip.Simulation.Registers;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class RegisterExplorationTests
{
    private static readonly ExplorationBounds Rivals = new() { Operations = 1, Reconfigurations = 0 };
    private static readonly ExplorationBounds Alone = new() { Proposers = 1, Operations = 1 };

    public static TheoryData<string> EachReduction => [.. Enum.GetNames<Reductions>().Except([nameof(Reductions.None), nameof(Reductions.All)])];

    /// <summary>The numbers are those of these engines and these reductions: another number is not a fault, but wants an explanation.</summary>
    [Theory]
    [InlineData(2, 1, 0, 1, 1, 1, 1237)]
    [InlineData(2, 1, 1, 0, 0, 2, 3639)]
    [InlineData(1, 2, 1, 1, 1, 2, 214)]
    public void Every_state_within_small_bounds_is_visited(int proposers, int operations, int reconfigurations, int duplicates, int restarts, int mostChosen, long states)
    {
        var exploration = ReducedExploration.Run(new ExplorationBounds
        {
            Proposers = proposers,
            Operations = operations,
            Reconfigurations = reconfigurations,
            Duplicates = duplicates,
            Restarts = restarts,
        });

        Assert.Null(exploration.Violation);
        Assert.True(exploration.IsComplete && exploration.MostChosen == mostChosen && exploration.LastEpoch == 1 + reconfigurations, exploration.ToString());
        Assert.Equal(states, exploration.States);
    }

    /// <summary>Whoever looks from outside sees the same with and without each reduction: the same chains of chosen values, and the same answers.</summary>
    [Theory]
    [MemberData(nameof(EachReduction))]
    public void What_is_spared_hides_nothing(string name)
    {
        var without = Enum.Parse<Reductions>(name);
        foreach (var bounds in new[] { Rivals, Alone })
        {
            var (all, some) = (Observations(bounds, Reductions.All), Observations(bounds, Reductions.All & ~without));

            Assert.NotEmpty(all);
            Assert.Equal(all, some);
        }
    }

    [Fact]
    public void The_plain_exploration_sees_the_same()
    {
        foreach (var bounds in new[] { Rivals, Alone })
        {
            var plain = new SortedSet<string>(StringComparer.Ordinal);
            Assert.True(Exploration.Run(bounds with { Observations = plain }).IsComplete);

            Assert.Equal(plain, Observations(bounds, Reductions.All));
        }
    }

    [Theory]
    [InlineData(nameof(LowerBallot), 1, 0, 0, 0)]
    [InlineData(nameof(SkippedFlush), 1, 0, 0, 1)]
    [InlineData(nameof(EarlyPromise), 2, 0, 0, 1)]
    [InlineData(nameof(ForgottenPromises), 2, 0, 0, 1)]
    [InlineData(nameof(WrongBase), 2, 0, 0, 0)]
    [InlineData(nameof(RepeatedInstall), 1, 1, 0, 0)]
    [InlineData(nameof(ServedTooEarly), 1, 1, 1, 0)]
    public void A_planted_bug_is_found(string name, int operations, int reconfigurations, int newcomers, int restarts)
    {
        var exploration = ReducedExploration.Run(
            new ExplorationBounds { Operations = operations, Reconfigurations = reconfigurations, Newcomers = newcomers, Restarts = restarts },
            Plant.All[name]());

        Assert.NotNull(exploration.Violation);
    }

    private static SortedSet<string> Observations(ExplorationBounds bounds, Reductions reductions)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var exploration = ReducedExploration.Run(bounds with { Observations = seen }, reductions: reductions);
        Assert.True(exploration is { IsComplete: true, Violation: null }, exploration.ToString());
        return seen;
    }
}
