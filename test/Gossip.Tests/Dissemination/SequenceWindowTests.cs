using Gossip.Dissemination;
using Xunit;

namespace Gossip.Tests.Dissemination;

public class SequenceWindowTests
{
    private const int Numbers = 20_000;

    public static TheoryData<int> Seeds => [1, 2, 3, 4];

    /// <summary>Numbers arrive in any order, some twice, with jumps below and above the size of the window.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_number_is_new_once_within_the_window_and_never_below_it(int seed)
    {
        var random = new Random(seed);
        var window = new SequenceWindow();
        HashSet<ulong> seen = [];
        var highest = 0UL;
        for (var i = 0; i < Numbers; i++)
        {
            var jump = random.Next(1000) switch
            {
                0 => SequenceWindow.Size + random.Next(100),
                < 300 => random.Next(1, 4),
                _ => -random.Next(SequenceWindow.Size + 10),
            };
            var number = (ulong)Math.Max(1, (long)highest + jump);
            highest = Math.Max(highest, number);
            var expected = highest - number < SequenceWindow.Size && seen.Add(number);

            Assert.True(expected == window.TryMark(number), $"Seed {seed}, number {number} as the {i}th.");
        }
    }

    [Fact]
    public void The_edges_of_the_window()
    {
        var window = new SequenceWindow();
        Assert.True(window.TryMark(SequenceWindow.Size));
        Assert.True(window.TryMark(1));
        Assert.False(window.TryMark(0));
        Assert.True(window.TryMark(ulong.MaxValue));
        Assert.False(window.TryMark(ulong.MaxValue));
        Assert.True(window.TryMark(ulong.MaxValue - SequenceWindow.Size + 1));
        Assert.False(window.TryMark(ulong.MaxValue - SequenceWindow.Size));
    }
}
