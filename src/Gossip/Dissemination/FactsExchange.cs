using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;

namespace Gossip.Dissemination;

/// <summary>
/// Receives changes of members' tags and metadata, passes them on, and fetches what did not arrive: a change that shows a
/// gap is completed by whoever told it, and a version that was only heard of by the member itself.
/// </summary>
internal sealed class FactsExchange(EngineContext context, AntiEntropy antiEntropy)
{
    /// <summary>How many gossip intervals a rumour of facts may come later than the statement that names their version.</summary>
    private const int Patience = 6;

    private readonly Queue<(Member Member, NodeInstance Instance, ulong Version, long Due)> _lagging = new();

    public long NextDeadline => _lagging.TryPeek(out var first) ? first.Due : long.MaxValue;

    public void OnFacts(ReadOnlySpan<byte> body, in PacketSource source, Member? sender)
    {
        if (IsKnown(body) || !FactsDelta.TryRead(body, out var delta) || delta.Owner.Id == context.Self.Id)
        {
            return;
        }

        if (!context.Table.TryFind(delta.Owner.Id, out var member) || delta.Owner.Generation > member.Instance.Generation)
        {
            if (sender is not null)
            {
                antiEntropy.OnGap(sender.Endpoint);
            }

            return;
        }

        if (delta.Owner.Generation < member.Instance.Generation)
        {
            return;
        }

        // A stamp too far in the future teaches the clock nothing; it is still good enough to order one owner's facts.
        context.Options.Clock.TryObserve(delta.Upto, context.Now.WallMicros);
        var before = member.Facts.Position;
        switch (member.Facts.Apply(delta))
        {
            case FactsOutcome.Applied:
                member.FactsWantedUntil = 0;
                Changed(member);
                // What a newcomer gets over streams is a copy of what others know, but for what the owner says itself: a known
                // one, or one that is only presenting itself.
                if (!context.IsNewcomer || !source.IsStream || sender is null || sender == member)
                {
                    context.Rumours.TellFacts(member, before);
                }

                break;
            case FactsOutcome.Gap:
                Changed(member);
                antiEntropy.WantFacts(member, source, sender);
                break;
            default:
                break;
        }
    }

    /// <summary>A statement named the version of a member's facts.</summary>
    public void OnVersionHeard(Member member, ulong version)
    {
        if (version > member.Facts.Version && !member.FactsAwaited)
        {
            member.FactsAwaited = true;
            _lagging.Enqueue((member, member.Instance, version, context.Now.Ticks + (context.Timing.GossipInterval.Ticks * Patience)));
        }
    }

    public void OnTick()
    {
        while (_lagging.TryPeek(out var first) && first.Due <= context.Now.Ticks)
        {
            _lagging.Dequeue();
            var member = first.Member;
            member.FactsAwaited = false;
            if (member.IsPresent && member.Instance == first.Instance && member.Facts.Version < first.Version && context.Table[member.Slot] == member)
            {
                antiEntropy.WantFacts(member, default, member);
            }
        }
    }

    public void Stop() => _lagging.Clear();

    /// <summary>Most deltas are: each reaches a node many times. To see it takes no look at their facts.</summary>
    private bool IsKnown(ReadOnlySpan<byte> body)
    {
        if (!FactsDelta.TryReadHeader(body, out var header)
            || !context.Table.TryFind(header.Owner.Id, out var member)
            || header.Owner != member.Instance
            || !member.Facts.IsKnown(header))
        {
            return false;
        }

        if (member.Slot != MemberTable.LocalSlot)
        {
            context.Options.Clock.TryObserve(header.Upto, context.Now.WallMicros);
            member.Facts.RaiseFloor(header.Floor);
        }

        return true;
    }

    private void Changed(Member member)
    {
        member.Changed();
        context.Outbox.ViewChanged = true;
    }
}
