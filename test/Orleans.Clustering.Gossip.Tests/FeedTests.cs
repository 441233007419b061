using Xunit;

namespace Orleans.Clustering.Gossip.Tests;

public sealed class FeedTests
{
    /// <summary>Says in every kind of log which Orleans was tested against.</summary>
    [Fact]
    public void What_was_tested_is_Orleans_itself()
    {
#if REAL_ORLEANS
        Assert.Equal("Orleans.Core", typeof(IMembershipTable).Assembly.GetName().Name);
#else
        global::Gossip.Tests.Skipping.Because("This was built without Microsoft Orleans, for the package feed lacks it, or OrleansFeed=surface asked for that: the table was tested on a stand-in for its types, and silos not at all.");
#endif
    }
}
