using System.Text.RegularExpressions;
using Gossip.Hosting;
using Gossip.Tests.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>What the documentation shows can be done.</summary>
public sealed partial class ExampleTests
{
    [Fact]
    public void The_example_of_the_node_has_valid_options()
    {
        var lines = RepositoryFile.Read("src", "Gossip", "Node", "GossipNode.cs").Split('\n');
        var example = Assert.Single(lines, line => line.Contains("new GossipOptions { Tags", StringComparison.Ordinal));
        var options = new GossipOptions
        {
            Tags = { TagPattern().Match(example).Groups[1].Value },
            Seeds = { SeedPattern().Match(example).Groups[1].Value },
        };
        Assert.NotEqual("", options.Seeds[0]);
        Assert.Empty(GossipOptionsValidator.Check(options));
    }

    [GeneratedRegex("""Tags = \{ "([^"]*)" \}""")]
    private static partial Regex TagPattern();

    [GeneratedRegex("""Seeds = \{ "([^"]*)" \}""")]
    private static partial Regex SeedPattern();
}
