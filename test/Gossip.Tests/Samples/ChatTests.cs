using System.Text.RegularExpressions;
using Xunit;

namespace Gossip.Tests.Samples;

public sealed partial class ChatTests
{
    private const string Sample = "Chat";
    private const string AnyPort = "127.0.0.1:0";
    private const int UsageError = 2;

    [Fact]
    public async Task The_demo_verifies_its_transcript()
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Sample, "--demo");
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task Two_processes_chat_over_their_standard_input()
    {
        await using var ana = SampleProcess.Start(Sample, "--name", "ana", "--bind", AnyPort);
        await ana.WhenAsync(output => Address().IsMatch(output));
        await using var ben = SampleProcess.Start(Sample, "--name", "ben", "--bind", AnyPort, "--join", Address().Match(ana.Output).Groups["address"].Value);
        await Task.WhenAll(ana.WhenAsync("* ben is here"), ben.WhenAsync("* ana is here"));

        await ana.WriteLineAsync("hello to all");
        await ben.WhenAsync("ana: hello to all");
        await ben.WriteLineAsync("/dm ana hello to you");
        await ana.WhenAsync("ben (to you): hello to you");
        await ben.WriteLineAsync("/dm zoe hello?");
        await ben.WhenAsync("Nobody here is called 'zoe'");
        await ben.WriteLineAsync("/quit");
        await ana.WhenAsync("* ben left");

        Assert.Equal(0, await ben.WaitForExitAsync());
        await ana.WriteLineAsync("/quit");
        Assert.Equal(0, await ana.WaitForExitAsync());
    }

    [Fact]
    public async Task An_unknown_argument_is_answered_with_the_usage()
    {
        var (exitCode, output) = await SampleProcess.RunAsync(Sample, "--nonsense");
        Assert.True(exitCode == UsageError, output);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"You are ana at (?<address>[0-9.:]+)\.")]
    private static partial Regex Address();
}
