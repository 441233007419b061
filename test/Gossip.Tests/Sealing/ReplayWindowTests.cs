using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Sealing;

public class ReplayWindowTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(1024)]
    [InlineData(65_536)]
    public void It_agrees_with_a_set_of_all_counters(int size)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var window = new ReplayWindow(size);
            HashSet<ulong> seen = [];
            var highest = 0UL;
            for (var i = 0; i < 3000; i++)
            {
                var counter = random.Next(4) switch
                {
                    0 => highest + (ulong)random.Next(4),
                    1 => highest + (ulong)random.Next(3 * size), // a jump over more than the whole window, now and then
                    _ => (ulong)Math.Max(0, (long)highest - random.Next(size + (size / 8))),
                };
                var isNew = (counter >= highest || highest - counter < (ulong)size) && seen.Add(counter);
                highest = Math.Max(highest, counter);
                Assert.True(isNew == window.TryMark(counter), $"seed {seed}, step {i}, counter {counter}, highest {highest}");
            }
        }
    }

    [Fact]
    public void The_end_of_the_numbers_is_no_trap()
    {
        var window = new ReplayWindow(64);
        Assert.True(window.TryMark(ulong.MaxValue));
        Assert.False(window.TryMark(ulong.MaxValue));
        Assert.True(window.TryMark(ulong.MaxValue - 63));
        Assert.False(window.TryMark(ulong.MaxValue - 64));
        Assert.False(window.TryMark(0));
    }
}
