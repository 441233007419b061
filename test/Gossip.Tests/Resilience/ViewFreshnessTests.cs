using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>Who waited for a call finds in the view what it did.</summary>
public sealed class ViewFreshnessTests
{
    private const int Updates = 2000;
    private const int Starts = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_view_shows_an_update_when_it_is_done()
    {
        await using var node = await LiveNodes.StartAsync();
        for (var i = 0; i < Updates; i++)
        {
            await node.SetMetadataAsync("count", i, Cancellation);
            Assert.Equal(i, node.View.Local.Metadata.Get<int>("count"));
        }
    }

    [Fact]
    public async Task The_view_shows_a_node_alive_with_its_tags_when_it_is_started()
    {
        for (var i = 0; i < Starts; i++)
        {
            await using var node = await LiveNodes.StartAsync(options => options.Tags.Add("tag"));
            Assert.Equal(MemberState.Alive, node.View.Local.State);
            Assert.True(node.View.Local.HasTag("tag"));
        }
    }
}
