using Gossip.Node;

namespace Gossip.Membership;

/// <summary>
/// Whom to probe next: round-robin over a shuffled ring that is shuffled again after each round, and newcomers at a random
/// place (SWIM §4.3), so that each member is probed within 2n − 1 periods.
/// </summary>
internal sealed class ProbeSchedule(EngineContext context)
{
    private readonly List<Member> _ring = [];
    private int _next;

    public void Add(Member member)
    {
        if (!member.Scheduled)
        {
            if (_ring.Count > 2 * context.Table.Count)
            {
                // Members that came and went faster than the round finds them.
                _ring.RemoveAll(IsStale);
                _next = 0;
            }

            member.Scheduled = true;
            _ring.Insert(context.Random.Next(_ring.Count + 1), member);
        }
    }

    /// <summary>The next member to probe, or null when there is nobody.</summary>
    public Member? Next()
    {
        for (var tries = _ring.Count; tries > 0; tries--)
        {
            if (_next >= _ring.Count)
            {
                _next = 0;
                Shuffle();
            }

            var member = _ring[_next];
            if (IsStale(member))
            {
                _ring[_next] = _ring[^1];
                _ring.RemoveAt(_ring.Count - 1);
                continue;
            }

            _next++;
            return member;
        }

        return null;
    }

    /// <summary>Whether a member is to be dropped; it is added again when it comes back.</summary>
    private bool IsStale(Member member)
    {
        var stale = !member.IsPresent || context.Table[member.Slot] != member;
        if (stale)
        {
            member.Scheduled = false;
        }

        return stale;
    }

    private void Shuffle()
    {
        for (var i = _ring.Count - 1; i > 0; i--)
        {
            var j = context.Random.Next(i + 1);
            (_ring[i], _ring[j]) = (_ring[j], _ring[i]);
        }
    }
}
