using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gossip.Tests.Samples;
using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

/// <summary>The samples of Orleans as processes. They bring up whole clusters and have deadlines, so nothing else runs beside them.</summary>
[Collection(SamplesAlone.Name)]
public sealed partial class SampleTests
{
    private const string Cluster = "OrleansCluster";
    private const string Configuration = "OrleansConfiguration";
    private const int Failure = 1;
    private const int UsageError = 2;

    [Fact]
    public async Task A_silo_is_killed_and_replaced_and_every_step_comes_true()
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Cluster);
        Assert.True(exitCode == 0, output);
        Assert.Contains("✓ start   ✓ call   ✓ place   ✓ send   ✓ kill   ✓ replace   ✓ again   ✓ stop", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("send")]
    [InlineData("kill")]
    public async Task A_claim_that_does_not_come_true_fails_the_run(string step)
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Cluster, "--break", step);
        Assert.True(exitCode == Failure, output);
        Assert.Contains($"✗ {step}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_silo_is_left_behind_when_the_program_is_killed()
    {
        await using var tour = SampleProcess.Start(Cluster);
        await tour.WhenAsync(output => SiloRow().Count(output) == 3);
        var silos = SiloRow().Matches(tour.Output).Select(row => int.Parse(row.Groups["process"].ValueSpan, CultureInfo.InvariantCulture)).ToArray();
        tour.Kill();
        while (silos.Any(IsRunning))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Configuration_alone_sets_up_silo_and_client_in_another_project()
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Configuration);
        Assert.True(exitCode == 0, output);
        Assert.Contains("The client called a grain of the silo", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Cluster)]
    [InlineData(Configuration)]
    public async Task An_unknown_argument_is_answered_with_the_usage(string sample)
    {
        var (exitCode, output) = await SampleProcess.RunAsync(sample, "--nonsense");
        Assert.True(exitCode == UsageError, output);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    /// <summary>A row of the table that tells the process of each silo.</summary>
    [GeneratedRegex(@"^│ (alpha|beta|gamma) +│ (?<process>\d+) +│", RegexOptions.Multiline)]
    private static partial Regex SiloRow();

    private static bool IsRunning(int processId)
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

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SamplesAlone
{
    public const string Name = "samples";
}
