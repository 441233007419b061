using Gossip.Membership;

namespace Gossip.Dissemination;

/// <summary>
/// The members that take part, in the order of their identities and closed to a ring, which all nodes see alike. Chance leaves somebody out: when each of 60
/// nodes passes a rumour on to 8 others, one of them hears nothing in one of 60 cases. So each node passes broadcasts on to its two neighbours, too, and the ring
/// reaches whom chance forgets, unless both neighbours' packets are lost (Voulgaris and van Steen 2007, "Hybrid dissemination").
/// </summary>
internal static class Ring
{
    /// <summary>The two next to the node itself: the same one twice in a cluster of two, null when it is alone.</summary>
    public static (Member? Before, Member? After) Neighbours(MemberTable table)
    {
        Member? before = null, after = null;
        foreach (var member in table.All)
        {
            if (!member.IsPresent || member.Slot == MemberTable.LocalSlot)
            {
                continue;
            }

            after = after is null || IsSooner(member, after) ? member : after;
            before = before is null || IsSooner(before, member) ? member : before;
        }

        return (before, after);

        // On the way up from the node itself, and on from the lowest identity.
        bool IsSooner(Member one, Member other)
        {
            var (wrapped, otherWrapped) = (IsBelow(one, table.Local), IsBelow(other, table.Local));
            return wrapped == otherWrapped ? IsBelow(one, other) : otherWrapped;
        }
    }

    private static bool IsBelow(Member one, Member other) => one.Id.CompareTo(other.Id) < 0;
}
