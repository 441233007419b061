using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>A list of seeds is often the same on every node, so that it names the node itself.</summary>
public sealed class OwnSeedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_that_meets_itself_under_another_address_is_told_and_stays_well(bool keyed)
    {
        await using var tap = new WireTap();
        await using var node = await LiveNodes.StartAsync(options =>
        {
            options.AdvertiseAddress = tap.Address;
            if (keyed)
            {
                options.EncryptionKeys.Add(SealBench.Key);
            }
        });
        tap.LeadTo(node.Runtime.Sockets.LocalEndpoint.ToIPEndPoint());
        var generation = node.Instance.Generation;

        var results = await node.JoinAsync([tap.Address, node.Runtime.Sockets.LocalEndpoint.ToString()], Cancellation);

        Assert.All(results, result => Assert.Equal(JoinFailure.Self, result.Failure));
        Assert.All(results, result => Assert.Contains("it is this node itself", result.Error!.Message, StringComparison.Ordinal));
        Assert.Single(node.View.Members);
        Assert.Equal(MemberState.Alive, node.View.Local.State);
        Assert.Equal(generation, node.Instance.Generation);
    }

    [Fact]
    public async Task A_node_with_itself_among_its_seeds_finds_the_others()
    {
        await using var other = await LiveNodes.StartAsync();
        await using var tap = new WireTap();
        await using var node = await LiveNodes.StartAsync(options =>
        {
            options.AdvertiseAddress = tap.Address;
            options.Seeds.Add(tap.Address);
            options.Seeds.Add(other.Address());
        });
        tap.LeadTo(node.Runtime.Sockets.LocalEndpoint.ToIPEndPoint());

        await other.SeesAsync(node.Id, MemberState.Alive);
        await node.SeesAsync(other.Id, MemberState.Alive);
        Assert.Equal(2, node.View.Members.Length);
    }
}
