using Gossip.Node;

namespace Gossip.Membership;

/// <summary>Forgets what has been gone for long: dead members, and the deletions of this node's own facts.</summary>
internal sealed class Reaper(EngineContext context, FormerMembers former)
{
    private readonly List<Member> _expired = [];
    private long _next = long.MaxValue;

    public long NextDeadline => _next;

    public void Start() => _next = context.Now.Ticks + context.Timing.SyncInterval.Ticks;

    public void Stop() => _next = long.MaxValue;

    public void OnTick()
    {
        if (context.Now.Ticks < _next)
        {
            return;
        }

        _next = context.Now.Ticks + context.Timing.SyncInterval.Ticks;
        ReapMembers();
        var retention = (ulong)context.Timing.FactTombstoneRetention.TotalMicroseconds;
        if (context.Now.WallMicros > retention)
        {
            context.Self.Facts.CollectTombstones((context.Now.WallMicros - retention) << HybridTimestamp.CounterBits);
        }
    }

    private void ReapMembers()
    {
        if (context.Table.PresentCount == context.Table.Count)
        {
            return;
        }

        foreach (var member in context.Table.All)
        {
            if (member.IsGone && member.Slot != MemberTable.LocalSlot && context.Now.Ticks - member.StateSince >= context.Timing.TombstoneRetention.Ticks)
            {
                _expired.Add(member);
            }
        }

        foreach (var member in _expired)
        {
            former.Remember(member);
            context.Rumours.Forget(member);
            context.Table.Remove(member);
            context.Outbox.ViewChanged = true;
        }

        _expired.Clear();
    }
}
