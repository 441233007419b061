using Gossip.Membership;
using Xunit;

namespace Gossip.Tests.Membership;

public class AwarenessTests
{
    private const int Max = 8;

    [Fact]
    public void The_score_stays_between_zero_and_the_maximum()
    {
        var awareness = new Awareness(Max);
        awareness.Improve();
        Assert.Equal(0, awareness.Score);

        awareness.Worsen(3);
        awareness.Improve();
        Assert.Equal(2, awareness.Score);

        awareness.Worsen(100);
        Assert.Equal(Max, awareness.Score);
    }

    [Fact]
    public void A_score_stretches_times_by_itself_plus_one()
    {
        var awareness = new Awareness(Max);
        Assert.Equal(TimeSpan.FromSeconds(1).Ticks, awareness.Scale(TimeSpan.FromSeconds(1)));

        awareness.Worsen(2);
        Assert.Equal(TimeSpan.FromSeconds(3).Ticks, awareness.Scale(TimeSpan.FromSeconds(1)));
    }
}
