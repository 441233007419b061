using Gossip.Simulation;
using Xunit;

namespace Gossip.Tests.Simulation;

public sealed class CommandLineTests
{
    [Fact]
    public void Reads_all_arguments()
    {
        var command = CommandLine.Parse(["--seeds", "1", "--first-seed", "9", "--scenario", "loss", "--scenario", "crash", "--jobs", "3", "--trace", "--each"], out _);

        Assert.NotNull(command);
        Assert.Equal((1, 9UL, 3, true, true), (command.Seeds, command.FirstSeed, command.Jobs, command.Trace, command.Each));
        Assert.Equal(["loss", "crash"], command.Scenarios);
    }

    [Fact]
    public void Plays_everything_that_is_quick_when_nothing_is_said() =>
        Assert.Equal(Scenario.All.Keys.Where(name => !Scenario.All[name]().OnDemand), CommandLine.Parse([], out _)?.Scenarios);

    [Theory]
    [InlineData("--sedes", "5")]
    [InlineData("--seeds", "0")]
    [InlineData("--seeds")]
    [InlineData("--scenario", "nonsense")]
    [InlineData("--without", "luck")]
    [InlineData("--trace")]
    public void Refuses_what_it_does_not_understand(params string[] arguments)
    {
        Assert.Null(CommandLine.Parse(arguments, out var error));
        Assert.NotEmpty(error);
    }
}
