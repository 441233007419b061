using Gossip.Membership;
using Xunit;

namespace Gossip.Tests.Membership;

public class SuspicionTests
{
    private const long Started = 1000;
    private static readonly TimeSpan Min = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(6);

    /// <summary>max − (max − min) · log(c + 1) / log(k + 1), with k = 2: 6 s, 6 − 5 · log 2 / log 3 s, 1 s.</summary>
    [Theory]
    [InlineData(0, 6.0)]
    [InlineData(1, 2.845351)]
    [InlineData(2, 1.0)]
    public void Independent_accusers_shorten_it_along_the_curve_of_lifeguard(int confirmations, double seconds)
    {
        var suspicion = Suspect(confirmationsNeeded: 2);
        for (var i = 0; i < confirmations; i++)
        {
            Assert.True(suspicion.Confirm(TestNodes.Id((char)('c' + i))));
        }

        Assert.Equal(seconds, TimeSpan.FromTicks(suspicion.Deadline - Started).TotalSeconds, tolerance: 0.000001);
    }

    [Fact]
    public void With_nobody_to_ask_it_is_short_at_once()
    {
        var suspicion = Suspect(confirmationsNeeded: 0);

        Assert.Equal(Started + Min.Ticks, suspicion.Deadline);
        Assert.False(suspicion.Confirm(TestNodes.Id('c')));
    }

    [Fact]
    public void One_accuser_counts_once_and_no_more_are_kept_than_count()
    {
        var suspicion = Suspect(confirmationsNeeded: 2);

        Assert.False(suspicion.Confirm(TestNodes.Id('b')));
        Assert.True(suspicion.Confirm(TestNodes.Id('c')));
        Assert.False(suspicion.Confirm(TestNodes.Id('c')));
        Assert.True(suspicion.Confirm(TestNodes.Id('d')));
        Assert.False(suspicion.Confirm(TestNodes.Id('e')));
        Assert.Equal([TestNodes.Id('b'), TestNodes.Id('c'), TestNodes.Id('d')], suspicion.Accusers);
    }

    private static Suspicion Suspect(int confirmationsNeeded) => new(TestNodes.Id('b'), Started, Min, Max, confirmationsNeeded);
}
