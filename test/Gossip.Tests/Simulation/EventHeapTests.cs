using Gossip.Node;
using Gossip.Simulation;
using Xunit;

namespace Gossip.Tests.Simulation;

public sealed class EventHeapTests
{
    [Fact]
    public void Events_come_in_the_order_of_time_and_then_of_planning()
    {
        const int Count = 10_000;
        const int Times = 100;
        var random = new SeededRandom(1);
        var heap = new EventHeap();
        var planned = new List<(long At, int Number)>();
        for (var i = 0; i < Count; i++)
        {
            planned.Add((random.Next(Times), i));
            heap.Push(planned[i].At, new SimEvent { Node = i });
        }

        var happened = new List<(long At, int Number)>();
        while (heap.TryPop(long.MaxValue, out var at, out var next))
        {
            happened.Add((at, next.Node));
        }

        Assert.Equal(planned.OrderBy(x => x.At).ThenBy(x => x.Number), happened);
    }

    [Fact]
    public void What_is_later_stays()
    {
        var heap = new EventHeap();
        heap.Push(5, new SimEvent { Node = 1 });

        Assert.False(heap.TryPop(4, out _, out _));
        Assert.Equal(1, heap.Count);
        Assert.True(heap.TryPop(5, out _, out _));
        Assert.Equal(0, heap.Count);
    }
}
