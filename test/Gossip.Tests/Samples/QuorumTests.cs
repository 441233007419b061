using Xunit;

namespace Gossip.Tests.Samples;

public sealed class QuorumTests
{
    private const string Sample = "Quorum";
    private const int UsageError = 2;

    [Fact]
    public async Task Every_step_comes_true()
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Sample);
        Assert.True(exitCode == 0, output);
        Assert.Contains("✓ found   ✓ write   ✓ race   ✓ kill   ✓ return   ✓ refuse   ✓ resume", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("race")]
    [InlineData("kill")]
    [InlineData("return")]
    [InlineData("refuse")]
    public async Task A_claim_that_does_not_come_true_fails_the_run(string step)
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
}
