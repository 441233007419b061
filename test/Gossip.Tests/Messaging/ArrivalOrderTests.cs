using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>The order of one sender's messages, beside one that remembers all of them.</summary>
public class ArrivalOrderTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_lets_go_exactly_those_before_which_none_is_missing(int seed)
    {
        var random = new Random(seed);
        var order = new ArrivalOrder();
        HashSet<ulong> arrived = [];
        var held = new SortedSet<ulong>();
        var oldest = (ulong)random.Next(1, 5000);
        for (var i = 0; i < 3000; i++)
        {
            oldest += (ulong)(random.Next(8) == 0 ? random.Next(3) : 0);
            var sequence = oldest + (ulong)random.Next(DeliveryWindow.Size);
            if (random.Next(4) != 0)
            {
                sequence = oldest + (ulong)random.Next(4);
            }

            var isNew = arrived.Add(sequence);
            order.Arrive(sequence, oldest);
            if (isNew && random.Next(3) != 0)
            {
                order.Hold(sequence, default);
                held.Add(sequence);
            }

            while (order.TryRelease(out _))
            {
                Assert.True(IsComplete(held.Min), $"{held.Min} was let go too early.");
                held.Remove(held.Min);
            }

            Assert.False(held.Count > 0 && IsComplete(held.Min), "One is held for nothing.");
            Assert.Equal(held.Count, order.Held);
        }

        bool IsComplete(ulong sequence)
        {
            for (var before = oldest; before <= sequence; before++)
            {
                if (!arrived.Contains(before))
                {
                    return false;
                }
            }

            return true;
        }
    }

    [Fact]
    public void A_copy_says_what_is_over_and_not_that_the_first_one_is_here()
    {
        var order = new ArrivalOrder();
        order.Raise(5); // the second copy of 5, whose first one another thread is about to bring
        order.Arrive(6, 5);
        Assert.False(order.IsNext(6));
        Assert.True(order.IsPast(4)); // was given up, and comes too late
        order.Arrive(5, 5);
        Assert.True(order.IsNext(6));
    }

    [Fact]
    public void No_number_harms_it()
    {
        var order = new ArrivalOrder();
        order.Arrive(ulong.MaxValue, 1);
        order.Arrive(ulong.MaxValue, ulong.MaxValue);
        order.Arrive(1, 1);
        order.Hold(1, default);
        order.Hold(ulong.MaxValue, default);
        Assert.True(order.TryRelease(out _));
        Assert.True(order.TryRelease(out _));
        Assert.False(order.TryRelease(out _));
    }
}
