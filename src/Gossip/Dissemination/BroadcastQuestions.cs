using Gossip.Membership;
using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>Asks for missing broadcasts: whoever said that he has one, and when no answer comes, somebody else.</summary>
internal sealed class BroadcastQuestions(EngineContext context, WantedBroadcasts wanted, BroadcastTiming timing)
{
    /// <summary>Also in a want.</summary>
    public const int RangeField = 1;

    private readonly List<(Member Holder, WantedBroadcast Wanted)> _due = [];
    private readonly List<WantedBroadcast> _taken = [];

    public void Ask()
    {
        var now = context.Now.Ticks;
        wanted.TakeDue(now, _taken);
        foreach (var one in _taken)
        {
            if (ChooseHolder(one) is { } holder)
            {
                _due.Add((holder, one));
            }
            else
            {
                wanted.OnAsked(one, default, default, now + timing.AnswerTimeout.Ticks);
            }
        }

        _taken.Clear();
        _due.Sort(static (a, b) => Compare(a, b));
        for (var i = 0; i < _due.Count;)
        {
            var next = i + 1;
            while (!_due[i].Wanted.IsLarge && next < _due.Count && _due[next].Holder == _due[i].Holder && !_due[next].Wanted.IsLarge)
            {
                next++;
            }

            AskFor(i, next);
            i = next;
        }

        _due.Clear();
    }

    private static int Compare(in (Member Holder, WantedBroadcast Wanted) a, in (Member Holder, WantedBroadcast Wanted) b)
    {
        var order = a.Holder.Slot.CompareTo(b.Holder.Slot);
        order = order != 0 ? order : a.Wanted.IsLarge.CompareTo(b.Wanted.IsLarge);
        order = order != 0 ? order : a.Wanted.Origin.Id.CompareTo(b.Wanted.Origin.Id);
        order = order != 0 ? order : a.Wanted.Origin.Generation.CompareTo(b.Wanted.Origin.Generation);
        return order != 0 ? order : a.Wanted.Sequence.CompareTo(b.Wanted.Sequence);
    }

    /// <summary>Who said it has it, or else somebody: most members have what one has.</summary>
    private Member? ChooseHolder(WantedBroadcast one) =>
        context.Table.TryFind(one.Holder, out var holder) && holder.IsPresent
            ? holder
            : context.PickPresent(member => member.Slot != MemberTable.LocalSlot && member.Id != one.Asked)
                ?? context.PickPresent(member => member.Slot != MemberTable.LocalSlot);

    /// <summary>Asks one member, by a datagram if answers by datagrams will do.</summary>
    private void AskFor(int first, int end)
    {
        var holder = _due[first].Holder;
        var byStream = holder.StreamOnly || _due[first].Wanted.IsLarge || end - first > BroadcastLimits.MaxAskedByDatagram;
        var writer = byStream ? context.Packets.BeginFrame() : context.Packets.BeginDatagram();
        Write(ref writer, first, end);
        if (writer.Overflowed && !byStream)
        {
            byStream = true;
            writer = context.Packets.BeginFrame();
            Write(ref writer, first, end);
        }

        if (byStream)
        {
            context.Packets.Stream(ref writer, holder.Endpoint);
        }
        else
        {
            context.Packets.ToMember(ref writer, holder);
        }

        var until = context.Now.Ticks + (byStream ? timing.FetchTimeout : timing.AnswerTimeout).Ticks;
        for (var i = first; i < end; i++)
        {
            wanted.OnAsked(_due[i].Wanted, holder.Id, holder.Endpoint, until);
        }
    }

    private void Write(ref WireWriter writer, int first, int end)
    {
        Span<byte> bitmap = stackalloc byte[BroadcastRange.MaxBitmap];
        var mark = writer.Begin((int)MessageKind.BroadcastWant);
        while (first < end)
        {
            var start = _due[first].Wanted;
            bitmap.Clear();
            for (; first < end && _due[first].Wanted is var one && one.Origin == start.Origin && one.Sequence - start.Sequence < BroadcastLimits.PerOrigin; first++)
            {
                BroadcastRange.Set(bitmap, (int)(one.Sequence - start.Sequence));
            }

            BroadcastRange.Write(ref writer, RangeField, new BroadcastRange { Origin = start.Origin, First = start.Sequence, Held = bitmap });
        }

        writer.End(mark);
    }
}
