using Gossip.Node;

namespace Gossip.Membership;

/// <summary>
/// Contacts dead members at a rate that decays with the time since their death, so that both sides of a healed partition find each other by
/// themselves: with pings while the table remembers them (<see cref="ProtocolTiming.TombstoneRetention"/>), as <see cref="FormerMembers"/> for ever after.
/// </summary>
internal sealed class Reconnector(EngineContext context, FailureDetector detector, FormerMembers former)
{
    /// <summary>A member that has been dead for a time t is contacted again after t / 32: often at first, and never much too late in proportion.</summary>
    private const int DecayDivisor = 32;

    /// <summary>How many are contacted at once: after half of a large cluster was cut off, a node does not shout at all of it.</summary>
    private const int MaxContacts = 8;

    private long _next = long.MaxValue;

    /// <summary>Nothing is planned while nobody is dead: a quiet cluster should sleep.</summary>
    public long NextDeadline => context.Table.PresentCount == context.Table.Count && former.Count == 0 ? long.MaxValue : _next;

    /// <summary>The wait until the next contact with a member that has been dead for <paramref name="age"/> ticks.</summary>
    public static long Interval(ProtocolTiming timing, long age) =>
        Math.Clamp(Decay(age), timing.ReconnectMin.Ticks, timing.ReconnectMax.Ticks);

    /// <summary>The same without limits.</summary>
    public static long Decay(long age) => age / DecayDivisor;

    public void Start() => _next = context.Now.Ticks + context.Timing.ReconnectMin.Ticks;

    public void Stop() => _next = long.MaxValue;

    public void OnTick()
    {
        var now = context.Now.Ticks;
        if (now < _next)
        {
            return;
        }

        _next = now + context.Timing.ReconnectMin.Ticks;
        former.OnTick();
        if (context.Table.PresentCount == context.Table.Count)
        {
            return;
        }

        var contacts = 0;
        foreach (var member in context.Table.All)
        {
            if (contacts == MaxContacts)
            {
                break;
            }

            if (member.State == MemberState.Dead && member.NextContact <= now)
            {
                // The random part keeps nodes that saw the death together from knocking together.
                var interval = Interval(context.Timing, now - member.StateSince);
                member.NextContact = now + interval + context.Random.NextTicks(interval);
                contacts++;
                detector.SendPing(member);
            }
        }
    }
}
