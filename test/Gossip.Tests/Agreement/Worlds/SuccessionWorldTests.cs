using Xunit;

namespace Gossip.Tests.Agreement.Worlds;

/// <summary>Random worlds of losses, successors and recoveries.</summary>
public sealed class SuccessionWorldTests
{
    private const ulong FirstSeed = 1;
    private static readonly int Seeds = int.TryParse(Environment.GetEnvironmentVariable("GOSSIP_SUCCESSION_SEEDS"), out var seeds) ? seeds : 16;

    [Fact]
    public void A_chain_of_registers_keeps_all_promises()
    {
        var worlds = new System.Collections.Concurrent.ConcurrentDictionary<ulong, SuccessionWorld>();
        Parallel.For(0, Seeds, i => worlds[FirstSeed + (ulong)i] = SuccessionWorld.Play(FirstSeed + (ulong)i));

        var violations = worlds.Where(world => world.Value.History.Violation is not null).OrderBy(world => world.Key).Select(world => $"seed {world.Key}: {world.Value.History.Violation}").ToList();
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
        foreach (var (what, count) in new (string, Func<SuccessionWorld, int>)[]
        {
            ("successor", world => world.History.Successors),
            ("recovery", world => world.Recoveries),
            ("store lost", world => world.Forgotten),
            ("restart", world => world.Restarts),
            ("stop", world => world.Stops),
            ("cut", world => world.Cuts),
            ("write", world => world.History.Writes),
        })
        {
            var sum = worlds.Values.Sum(count);
            TestContext.Current.TestOutputHelper?.WriteLine($"{sum} times: {what}");
            Assert.True(sum > 0, $"no {what}");
        }
    }
}
