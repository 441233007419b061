using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Whoever does not belong to a cluster is refused, and both sides say why; nothing else changes on either.</summary>
public sealed class RefusalTests
{
    private const string ClusterKey = SealBench.Key;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What is different on each side, how the join fails, and what both are told.</summary>
    public static TheoryData<string, Action<GossipOptions>, Action<GossipOptions>, JoinFailure, string, string> Cases => new()
    {
        { "another key", options => options.EncryptionKeys.Add(ClusterKey), options => options.EncryptionKeys.Add(SealBench.OtherKey), JoinFailure.KeyMismatch, "Compare EncryptionKeys", "EncryptionKeys" },
        { "no key", options => options.EncryptionKeys.Add(ClusterKey), _ => { }, JoinFailure.KeyMismatch, "Compare EncryptionKeys", "it is not sealed" },
        { "a key where there is none", _ => { }, options => options.EncryptionKeys.Add(ClusterKey), JoinFailure.KeyMismatch, "Compare EncryptionKeys", "EncryptionKeys" },
        { "the same bytes for another cipher", options => options.EncryptionKeys.Add(ClusterKey), options => options.EncryptionKeys.Add("chacha20-poly1305:" + ClusterKey), JoinFailure.KeyMismatch, "Compare EncryptionKeys", "EncryptionKeys" },
        { "another cluster, sealed", options => options.EncryptionKeys.Add(ClusterKey), options => { options.EncryptionKeys.Add(ClusterKey); options.ClusterName = "another"; }, JoinFailure.KeyMismatch, "ClusterName", "ClusterName" },
        { "another cluster", _ => { }, options => options.ClusterName = "another", JoinFailure.ClusterMismatch, "ClusterName", "it belongs to another cluster" },
        { "another service", _ => { }, options => options.ServiceId = "another", JoinFailure.ClusterMismatch, "ServiceId", "it belongs to another cluster" },
        { "a later protocol", _ => { }, options => options.Versions = new(2, 3), JoinFailure.VersionMismatch, "reads 2 to 3, the other one 1", "reads 1, the other one 2 to 3" },
        { "an earlier protocol", options => options.Versions = new(2, 3), _ => { }, JoinFailure.VersionMismatch, "reads 1, the other one 2 to 3", "reads 2 to 3, the other one 1" },
        { "an application version that the host does not accept", options => options.AcceptApplicationVersion = version => version == "1.0", options => options.ApplicationVersion = "2.0", JoinFailure.VersionMismatch, "does not accept '2.0'", "runs application version '2.0'" },
        { "an application version that the newcomer does not accept", options => options.ApplicationVersion = "1.0", options => options.AcceptApplicationVersion = version => version == "2.0", JoinFailure.VersionMismatch, "runs application version '1.0'", "does not want to be in a cluster" },
        { "another network", options => options.AllowedNetworks.Add("203.0.113.0/24"), _ => { }, JoinFailure.TimedOut, "AllowedNetworks", "AllowedNetworks" },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public async Task Both_sides_learn_why_and_nothing_changes(
        string difference, Action<GossipOptions> here, Action<GossipOptions> there, JoinFailure failure, string told, string logged)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(difference);
        var logs = new LogLines();
        await using var host = await GossipNode.StartAsync(LiveNodes.Options(here), logs, cancellationToken: Cancellation);
        await using var newcomer = await GossipNode.StartAsync(LiveNodes.Options(there), cancellationToken: Cancellation);
        var (before, after) = (host.View.Local.Instance, newcomer.View.Local.Instance);

        var result = Assert.Single(await newcomer.JoinAsync([host.Address()], Cancellation));

        Assert.True(result.Failure == failure || (failure == JoinFailure.TimedOut && result.Failure == JoinFailure.Unreachable), $"{result.Failure}");
        Assert.Contains(told, result.Error!.Message, StringComparison.Ordinal);
        var line = await logs.FirstAsync(logged);
        Assert.DoesNotContain(ClusterKey, line, StringComparison.Ordinal);
        Assert.Equal(host.View.Local, Assert.Single(host.View.Members));
        Assert.Equal(newcomer.View.Local, Assert.Single(newcomer.View.Members));
        Assert.Equal((before, after), (host.View.Local.Instance, newcomer.View.Local.Instance));
        Assert.All(new[] { host, newcomer }, node => Assert.Equal(MemberState.Alive, node.View.Local.State));
    }
}
