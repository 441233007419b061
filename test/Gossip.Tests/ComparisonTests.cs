using System.Text.RegularExpressions;
using Xunit;

namespace Gossip.Tests;

/// <summary>The page that compares names tests. They exist.</summary>
public sealed partial class ComparisonTests
{
    [Fact]
    public void Each_test_that_the_comparison_names_exists()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Orleans.Gossip.sln")))
        {
            root = root.Parent;
        }

        Assert.NotNull(root);
        var named = TestName().Matches(File.ReadAllText(Path.Combine(root.FullName, "docs", "comparison.md"))).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var sources = Directory.EnumerateFiles(Path.Combine(root.FullName, "test"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .ToArray();
        Assert.True(named.Count > 50, "The page names no tests any more.");
        Assert.DoesNotContain(named, name => !Array.Exists(sources, source => source.Contains($" {name}(", StringComparison.Ordinal)));
    }

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)`")]
    private static partial Regex TestName();
}
