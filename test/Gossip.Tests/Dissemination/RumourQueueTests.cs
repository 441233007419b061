using Gossip.Dissemination;
using Gossip.Metadata;
using Xunit;

namespace Gossip.Tests.Dissemination;

public class RumourQueueTests
{
    private const int MaxCount = 4;
    private const int MaxBytes = 100;
    private const int Limit = 3;

    [Fact]
    public void The_least_often_sent_come_first()
    {
        var queue = new RumourQueue(MaxCount, MaxBytes);
        queue.Add(Key(1));
        queue.Add(Key(2));
        Assert.Equal([1], Offer(queue, room: 1));
        queue.Add(Key(3));

        Assert.Equal([2, 3, 1], Offer(queue, room: 3));
    }

    [Fact]
    public void A_rumour_is_dropped_when_it_was_sent_as_often_as_the_limit_says()
    {
        var queue = new RumourQueue(MaxCount, MaxBytes);
        queue.Add(Key(1));
        for (var i = 0; i < Limit; i++)
        {
            Assert.Equal([1], Offer(queue, room: 1));
        }

        Assert.Empty(Offer(queue, room: 1));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void An_equal_rumour_takes_the_place_of_the_old_one_and_is_fresh()
    {
        var queue = new RumourQueue(MaxCount, MaxBytes);
        queue.Add(Key(1), new FactsPosition(5, 0));
        Offer(queue, room: 1);
        Assert.False(queue.HasFresh);

        queue.Add(Key(1), new FactsPosition(9, 0));
        Assert.True(queue.HasFresh);
        Assert.Equal(1, queue.Count);
        Assert.True(queue.TryGet(Key(1), out var rumour));
        Assert.Equal(new FactsPosition(5, 0), rumour!.Since);
        for (var i = 0; i < Limit; i++)
        {
            Assert.Equal([1], Offer(queue, room: 1));
        }

        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void A_full_queue_pushes_out_the_most_often_sent()
    {
        var queue = new RumourQueue(MaxCount, MaxBytes);
        queue.Add(Key(1));
        queue.Add(Key(2));
        Offer(queue, room: 2);
        queue.Add(Key(3));
        queue.Add(Key(4));
        Assert.False(queue.HasRoom(0));
        queue.Add(Key(5));

        Assert.Equal(1, queue.Evicted);
        Assert.Equal([3, 4, 5, 2], Offer(queue, room: MaxCount));
    }

    [Fact]
    public void Payloads_are_bounded_by_their_bytes()
    {
        var queue = new RumourQueue(MaxCount, MaxBytes);
        queue.Add(Key(1), payload: new byte[60]);
        queue.Add(Key(2), payload: new byte[40]);
        Assert.Equal(MaxBytes, queue.Bytes);
        Assert.False(queue.HasRoom(1));

        queue.Add(Key(3), payload: new byte[50]);
        Assert.Equal(90, queue.Bytes);
        Assert.Equal([2, 3], Offer(queue, room: 3));

        Assert.True(queue.Remove(Key(2)));
        Assert.False(queue.Remove(Key(2)));
        Assert.Equal(50, queue.Bytes);
    }

    [Fact]
    public void What_does_not_fit_or_is_withheld_is_not_counted_as_sent_and_what_is_obsolete_is_dropped()
    {
        var queue = new RumourQueue(MaxCount, MaxBytes);
        for (var slot = 1; slot <= 3; slot++)
        {
            queue.Add(Key(slot));
        }

        var state = 0;
        queue.Fill(ref state, Limit, static (ref _, rumour) => rumour.Key.Slot switch
        {
            1 => RumourFate.DoesNotFit,
            2 => RumourFate.Withheld,
            _ => RumourFate.Obsolete,
        });

        Assert.Equal(2, queue.Count);
        Assert.True(queue.TryGet(Key(1), out var first));
        Assert.True(queue.TryGet(Key(2), out var second));
        Assert.Equal((0, 0), (first!.Transmissions, second!.Transmissions));
    }

    private static RumourKey Key(int slot) => new(RumourKind.Member, slot, default, 0);

    /// <summary>Offers the rumours to a packet that has room for some; the slots of those it took.</summary>
    private static List<int> Offer(RumourQueue queue, int room)
    {
        List<int> taken = [];
        var state = (Taken: taken, Room: room);
        queue.Fill(ref state, Limit, static (ref state, rumour) =>
        {
            if (state.Taken.Count == state.Room)
            {
                return RumourFate.DoesNotFit;
            }

            state.Taken.Add(rumour.Key.Slot);
            return RumourFate.Written;
        });
        return taken;
    }
}
