using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

public sealed class FeedTests
{
    /// <summary>Says in every kind of log which Orleans was tested against.</summary>
    [Fact]
    public void The_feed_has_Orleans()
    {
#if REAL_ORLEANS
        Assert.Equal("Orleans.Core", typeof(IMembershipTable).Assembly.GetName().Name);
#else
        Assert.Skip("The package feed lacks Microsoft Orleans: the table was tested on a stand-in for its types, and silos not at all.");
#endif
    }
}
