using Xunit;

namespace Gossip.Tests.Samples;

public sealed class BasicTests
{
    [Fact]
    public async Task Two_hosts_meet_and_greet_each_other()
    {
        var (exitCode, output) = await SampleProcess.RunAsync("Basic");
        Assert.True(exitCode == 0, output);
        Assert.Contains("Both were greeted.", output, StringComparison.Ordinal);
    }
}
