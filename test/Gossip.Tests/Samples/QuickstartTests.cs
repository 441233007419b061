using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Samples;

public sealed partial class QuickstartTests
{
    private const string Sample = "Quickstart";
    private const int UsageError = 2;

    [Fact]
    public async Task Every_step_of_the_tour_comes_true()
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Sample);
        Assert.True(exitCode == 0, output);
        Assert.Contains("✓ discover   ✓ metadata   ✓ route   ✓ broadcast   ✓ request   ✓ kill   ✓ restart   ✓ leave", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("route")]
    [InlineData("kill")]
    [InlineData("restart")]
    [InlineData("leave")]
    public async Task A_claim_that_does_not_come_true_fails_the_tour(string step)
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Sample, "--break", step);
        Assert.True(exitCode == 1, output);
        Assert.Contains($"✗ {step}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_argument_is_answered_with_the_usage()
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Sample, "--nonsense");
        Assert.True(exitCode == UsageError, output);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_process_is_left_behind_when_the_tour_is_killed()
    {
        await using var tour = SampleProcess.Start(Sample);
        await tour.WhenAsync(output => NodeRow().Count(output) == 3);
        var nodes = NodeRow().Matches(tour.Output).Select(row => int.Parse(row.Groups["process"].ValueSpan, CultureInfo.InvariantCulture)).ToArray();
        tour.Kill();
        await Awaiting.UntilAsync(() => !nodes.Any(IsNode));
    }

    [Fact]
    public async Task The_prompt_drives_the_nodes_after_the_tour()
    {
        await using var tour = SampleProcess.Start(Sample, "--interactive");
        foreach (var line in new[] { "set colour red", "get colour", "use beta", "request alpha hello there", "nonsense", "exit" })
        {
            await tour.WriteLineAsync(line);
        }

        Assert.True(await tour.WaitForExitAsync() == 0, tour.Output);
        Assert.Contains("red (String)", tour.Output, StringComparison.Ordinal);
        Assert.Contains("'HELLO THERE'", tour.Output, StringComparison.Ordinal);
        Assert.Contains("'nonsense' is no command", tour.Output, StringComparison.Ordinal);
    }

    /// <summary>A row of the table that tells the process of each node.</summary>
    [GeneratedRegex(@"^│ (alpha|beta|gamma) +│ (?<process>\d+) +│", RegexOptions.Multiline)]
    private static partial Regex NodeRow();

    private static bool IsNode(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
