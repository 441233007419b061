using System.Runtime.InteropServices;
using Gossip.Membership;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// How views may change: generations and incarnations never fall and are never invented, the dead stay dead until they speak
/// up, events tell each step without a gap, and each identity is there once.
/// </summary>
internal sealed class ViewHistory(SimWorld world) : Check(world)
{
    /// <summary>So many changes that events explain may follow each other before all members are looked at.</summary>
    private const int LongestTrust = 16;

    public override string Name => "view-history";

    public override void OnChange(SimNode observer)
    {
        while (observer.LastView.Count < observer.Engine!.Table.SlotCount)
        {
            observer.LastView.Add(default);
        }

        // A walk through the whole view after each change was a tenth of the time of a large world. Where an event tells what
        // changed, it waits a little; what changes without one is looked for at once.
        if (FollowEvents(observer) && ++observer.Trusted < LongestTrust)
        {
            Look(observer, MemberTable.LocalSlot);
            return;
        }

        observer.Trusted = 0;
        LookAtAll(observer);
    }

    private void LookAtAll(SimNode observer)
    {
        var table = observer.Engine!.Table;
        var known = 0;
        for (var slot = 0; slot < table.SlotCount; slot++)
        {
            known += Look(observer, slot) ? 1 : 0;
        }

        if (known != table.Count)
        {
            throw Violation(observer, $"has {known} members in slots, and {table.Count} by identity");
        }
    }

    /// <summary>Follows a member; false when there is none in the slot.</summary>
    private bool Look(SimNode observer, int slot)
    {
        ref var entry = ref CollectionsMarshal.AsSpan(observer.LastView)[slot];
        if (observer.Engine!.Table[slot] is not { } member)
        {
            entry = default;
            return false;
        }

        if (entry.Member != member)
        {
            Meet(observer, ref entry, member);
        }

        if (entry.Generation != member.Instance.Generation || entry.Incarnation != member.Incarnation || entry.State != member.State)
        {
            Follow(observer, ref entry, member);
        }

        return true;
    }

    /// <summary>Each event must begin where the last one about the member ended; false when there is none.</summary>
    private bool FollowEvents(SimNode observer)
    {
        var any = false;
        var events = observer.Outbox.Events;
        for (var i = 0; i < events.Count; i++)
        {
            var happened = events[i];
            if (happened.Kind != EngineEventKind.StateChanged
                || happened.Subject.Id == observer.Id
                || !observer.Engine!.Table.TryFind(happened.Subject.Id, out var member))
            {
                continue;
            }

            ref var entry = ref CollectionsMarshal.AsSpan(observer.LastView)[member.Slot];
            if (entry.Member != member)
            {
                Meet(observer, ref entry, member);
            }

            if (happened.Before != entry.Told)
            {
                throw Violation(observer, $"tells that node {entry.Subject!.Index} went from {happened.Before} to {happened.After}, but told {entry.Told} before");
            }

            Count(entry.Subject!, happened);
            entry.Told = happened.After;
            any = true;
        }

        for (var i = 0; any && i < events.Count; i++)
        {
            // Only now: several events may lead a member to where it is.
            if (events[i].Kind == EngineEventKind.StateChanged && observer.Engine!.Table.TryFind(events[i].Subject.Id, out var member))
            {
                Look(observer, member.Slot);
            }
        }

        return any;
    }

    private void Meet(SimNode observer, ref ViewEntry entry, Member member)
    {
        if (!observer.Engine!.Table.TryFind(member.Id, out var found) || found != member)
        {
            throw Violation(observer, $"has {member.Instance} in a slot, but does not find it by its identity");
        }

        entry = new ViewEntry
        {
            Member = member,
            Subject = World.Find(member.Id) ?? throw Violation(observer, $"knows {member.Instance}, which is nobody's identity"),
        };
        if (entry.Subject.Cluster != observer.Cluster)
        {
            throw Violation(observer, $"knows node {entry.Subject.Index}, which is of another cluster");
        }
    }

    private void Follow(SimNode observer, ref ViewEntry entry, Member member)
    {
        var subject = entry.Subject!;
        var generation = member.Instance.Generation;
        if (generation < entry.Generation)
        {
            throw Violation(observer, $"lets the generation of node {subject.Index} fall from {entry.Generation:x} to {generation:x}");
        }

        if (generation == entry.Generation)
        {
            if (member.Incarnation < entry.Incarnation)
            {
                throw Violation(observer, $"lets the incarnation of node {subject.Index} fall from {entry.Incarnation} to {member.Incarnation}");
            }

            if (entry.State is MemberState.Dead or MemberState.Left && !member.IsGone && member.Incarnation == entry.Incarnation)
            {
                throw Violation(observer, $"takes node {subject.Index} from {entry.State} to {member.State} without a word of its own");
            }
        }

        DemandTrue(observer, subject, member);
        if (subject == observer)
        {
            if (member.Incarnation > entry.Incarnation && member.State == MemberState.Alive)
            {
                World.Counts.Count(Fault.Refutation);
            }
        }
        else if (entry.Told != member.State)
        {
            throw Violation(observer, $"holds node {subject.Index} {member.State}, but told {entry.Told}");
        }

        entry.Generation = generation;
        entry.Incarnation = member.Incarnation;
        entry.State = member.State;
    }

    /// <summary>Only the member itself chooses its generation and raises its incarnation.</summary>
    private void DemandTrue(SimNode observer, SimNode subject, Member member)
    {
        ulong highest;
        if (subject.Generation == member.Instance.Generation)
        {
            highest = subject.Self.Incarnation;
        }
        else if (!subject.PastLives.TryGetValue(member.Instance.Generation, out highest))
        {
            throw Violation(observer, $"believes in generation {member.Instance.Generation:x} of node {subject.Index}, which never was");
        }

        if (member.Incarnation > highest)
        {
            throw Violation(observer, $"believes in incarnation {member.Incarnation} of node {subject.Index}, which never spoke above {highest}");
        }
    }

    private void Count(SimNode subject, in EngineEvent happened)
    {
        switch (happened.After)
        {
            case MemberState.Suspect:
                World.Counts.Count(Fault.Suspicion);
                break;
            case MemberState.Dead:
                World.Counts.Count(Fault.Death);
                if (subject.IsUp && subject.Generation == happened.Subject.Generation)
                {
                    World.Counts.Count(Fault.FalseDeath);
                }

                break;
            case MemberState.Alive when happened.Before == MemberState.Dead:
                World.Counts.Count(Fault.Revival);
                break;
        }
    }
}
