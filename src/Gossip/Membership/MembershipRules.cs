using System.Diagnostics.CodeAnalysis;
using Gossip.Node;

namespace Gossip.Membership;

/// <summary>
/// How statements about members change the view (SWIM §4.2). Of two statements about a member the one with the higher
/// (generation, incarnation, rank of state) wins. Only the member itself raises its incarnation: that is how it refutes.
/// </summary>
internal sealed class MembershipRules(EngineContext context, ProbeSchedule schedule)
{
    private readonly SuspectList _suspects = new();

    /// <summary>Called when contact with somebody who was dead is regained: the views of both sides must be compared.</summary>
    public Action<Member>? Revived { get; set; }

    /// <summary>When the next suspicion runs out.</summary>
    public long NextDeadline => _suspects.NextDeadline;

    private MemberTable Table => context.Table;

    private long Now => context.Now.Ticks;

    /// <summary>Whether a statement only says of a member's life that it goes on, as is known: <see cref="Apply"/> would do nothing.</summary>
    public bool IsKnown(in MemberStatement statement, [NotNullWhen(true)] out Member? member)
    {
        member = null;
        return statement.State == MemberState.Alive
            && Table.TryFind(statement.Subject.Id, out member)
            && statement.Subject.Generation == member.Instance.Generation
            && statement.Incarnation <= member.Incarnation
            && member.Slot != MemberTable.LocalSlot;
    }

    /// <summary>Handles a statement that <paramref name="speaker"/> passed on.</summary>
    public void Apply(in MemberStatement statement, NodeId speaker)
    {
        if (statement.IsOfClient)
        {
            return; // who is no member is nobody's news
        }

        if (statement.Subject.Id == context.Self.Id)
        {
            ApplyAboutSelf(statement);
        }
        else if (!Table.TryFind(statement.Subject.Id, out var member))
        {
            Meet(statement);
        }
        else if (statement.Subject.Generation > member.Instance.Generation)
        {
            Replace(member, statement);
        }
        else if (statement.Subject.Generation == member.Instance.Generation)
        {
            ApplyToLife(member, statement, speaker);
        }
    }

    /// <summary>
    /// Whether a statement accuses somebody of whom this node knows better: who says it believes it, because it missed the
    /// refutation, the farewell or the restart, and would wait long for a comparison of views to hear of it.
    /// </summary>
    public bool IsDisproved(in MemberStatement statement, [NotNullWhen(true)] out Member? accused)
    {
        accused = null;
        return statement.State is MemberState.Suspect or MemberState.Dead
            && !statement.History
            && Table.TryFind(statement.Subject.Id, out accused)
            && (statement.Subject.Generation < accused.Instance.Generation
                || (statement.Subject.Generation == accused.Instance.Generation
                    && (statement.Incarnation < accused.Incarnation
                        || (statement.Incarnation == accused.Incarnation && accused.State is MemberState.Leaving or MemberState.Left))));
    }

    /// <summary>Begins to suspect a member because this node's own probes failed; <paramref name="refused"/>: its host says that no process listens there.</summary>
    public void Accuse(Member member, bool refused)
    {
        if (member.State != MemberState.Leaving)
        {
            Suspect(member, member.Incarnation, context.Self.Id);
            if (refused)
            {
                member.Suspicion?.EndBy(Now + context.Timing.RefusedSuspicion(Table.PresentCount).Ticks);
                _suspects.Reconsider();
            }
        }
        else if (Now - member.StateSince >= context.Timing.SuspicionMax(Table.PresentCount).Ticks)
        {
            // Somebody who leaves may fall silent before its goodbye has gone round. After that time there will be none.
            Bury(member, member.Incarnation, context.Self.Id, Now, "it did not come to say goodbye");
        }
    }

    /// <summary>Declares dead whoever did not refute in time.</summary>
    public void OnTick()
    {
        if (NextDeadline > Now)
        {
            return;
        }

        for (var i = _suspects.Count - 1; i >= 0; i--)
        {
            var suspect = _suspects[i];
            if (suspect.Suspicion!.Deadline <= Now)
            {
                File(suspect, context.Self.Id, EvidenceKind.SuspicionExpired);
                Bury(suspect, suspect.Incarnation, context.Self.Id, Now, "the suspicion ran out");
            }
        }
    }

    /// <summary>Declares on an operator's word that a dead member will not come back.</summary>
    public void Forget(Member member)
    {
        member.Traits |= MemberTraits.Forgotten;
        Change(member, MemberState.Left, member.StateSince, "an operator asked to forget it");
        context.Rumours.TellMember(member);
    }

    /// <summary>Raises the own incarnation above <paramref name="incarnation"/> and tells everybody.</summary>
    public void Refute(ulong incarnation)
    {
        var self = context.Self;
        if (incarnation >= MemberStatement.MaxIncarnation)
        {
            // Nobody would believe a higher one. Only forgery leads here; a new life starts from zero.
            context.Outbox.Events.Add(new EngineEvent(EngineEventKind.GenerationOutdated) { Generation = self.Instance.Generation, Endpoint = self.Endpoint });
            return;
        }

        self.Incarnation = Math.Max(self.Incarnation, incarnation) + 1;
        context.Outbox.ViewChanged = true;
        context.Rumours.TellMember(self);
    }

    private void ApplyAboutSelf(in MemberStatement statement)
    {
        var self = context.Self;
        if (statement.Subject.Generation > self.Instance.Generation)
        {
            // Either the clock went back over a restart, and peers remember the previous life as the later one, or a second
            // process uses this identity; the address tells which.
            var kind = statement.Endpoint == self.Endpoint ? EngineEventKind.GenerationOutdated : EngineEventKind.IdentityConflict;
            context.Outbox.Events.Add(new EngineEvent(kind)
            {
                Subject = statement.Subject,
                Endpoint = statement.Endpoint,
                Generation = statement.Subject.Generation,
            });
        }
        else if (statement.Subject.Generation == self.Instance.Generation
            && (statement.Incarnation > self.Incarnation
                || (statement.Incarnation == self.Incarnation && statement.State != self.State && statement.State != MemberState.Alive)))
        {
            context.Awareness.Worsen();
            Refute(statement.Incarnation);
        }
    }

    private void Meet(in MemberStatement statement)
    {
        if (statement.AgeSeconds > (ulong)context.Timing.TombstoneRetention.TotalSeconds)
        {
            return;
        }

        var member = Table.TryAdd(statement.Subject, statement.Endpoint, out var evicted);
        if (evicted is not null)
        {
            context.Rumours.Forget(evicted);
        }

        if (member is null)
        {
            context.Outbox.Events.Add(new EngineEvent(EngineEventKind.TableFull) { Subject = statement.Subject, Endpoint = statement.Endpoint });
            return;
        }

        Adopt(member, statement, "it was heard of");
    }

    private void Replace(Member member, in MemberStatement statement)
    {
        File(member, statement.Subject.Id, EvidenceKind.Replaced);
        StopSuspecting(member);
        if (member.IsPresent)
        {
            Change(member, MemberState.Dead, Now, "a newer process took its place");
        }

        member.Reincarnate(statement.Subject);
        Adopt(member, statement, "it restarted");
    }

    /// <summary>Takes the first statement about a life as it is; a suspicion then starts from it.</summary>
    private void Adopt(Member member, in MemberStatement statement, string reason)
    {
        member.Endpoint = statement.Endpoint;
        member.Traits = statement.Traits;
        member.Versions = statement.Versions;
        member.Features = statement.Features;
        member.Incarnation = statement.Incarnation;
        member.Accuser = statement.Accuser;
        var state = statement.State == MemberState.Suspect ? MemberState.Alive : statement.State;
        var since = Now - (long)(Math.Min(statement.AgeSeconds, (ulong)context.Timing.TombstoneRetention.TotalSeconds) * TimeSpan.TicksPerSecond);
        Change(member, state, member.IsGone || state is MemberState.Dead or MemberState.Left ? since : Now, reason);
        if (member.IsPresent)
        {
            schedule.Add(member);
        }

        PassOn(member, statement);
        if (statement.State == MemberState.Suspect)
        {
            Suspect(member, statement.Incarnation, statement.Accuser);
        }
    }

    private void ApplyToLife(Member member, in MemberStatement statement, NodeId speaker)
    {
        switch (statement.State)
        {
            case MemberState.Alive:
                if (statement.Incarnation > member.Incarnation)
                {
                    Revive(member, statement);
                }

                break;
            case MemberState.Suspect:
                if (statement.Incarnation > member.Incarnation && member.State is not (MemberState.Alive or MemberState.Suspect))
                {
                    // Only the member itself raises its incarnation: whoever is accused with a higher one has spoken up since.
                    Revive(member, statement);
                }

                Suspect(member, statement.Incarnation, statement.Accuser.IsNone ? speaker : statement.Accuser);
                break;
            case MemberState.Leaving:
                if (Outranks(statement, member))
                {
                    StopSuspecting(member);
                    member.Incarnation = statement.Incarnation;
                    Change(member, MemberState.Leaving, Now, "it announced that it leaves");
                    schedule.Add(member);
                    context.Rumours.TellMember(member);
                }

                break;
            case MemberState.Dead:
                ApplyDeath(member, statement, speaker);
                break;
            case MemberState.Left:
                if (Outranks(statement, member)
                    || (statement.Incarnation == member.Incarnation && (statement.Traits & ~member.Traits & MemberTraits.Forgotten) != MemberTraits.None))
                {
                    File(member, member.Id, EvidenceKind.LeaveAnnounced);
                    StopSuspecting(member);
                    member.Incarnation = Math.Max(member.Incarnation, statement.Incarnation);
                    member.Traits = statement.Traits;
                    Change(member, MemberState.Left, member.IsGone ? member.StateSince : Now, "it left");
                    context.Rumours.TellMember(member);
                }

                break;
            default:
                break;
        }
    }

    private static bool Outranks(in MemberStatement statement, Member member) =>
        statement.Incarnation > member.Incarnation || (statement.Incarnation == member.Incarnation && statement.State > member.State);

    private void ApplyDeath(Member member, in MemberStatement statement, NodeId speaker)
    {
        if (!Outranks(statement, member))
        {
            return;
        }

        if (statement.History && member.IsPresent && !context.Options.IsClient)
        {
            // A death that was declared elsewhere some time ago, as on the other side of a healed partition, is only a suspicion
            // to somebody who knows the member alive: a living member then has the time to refute. A client hears no refutation but by the same way,
            // and judges nobody: it takes over what its contact believes.
            Suspect(member, statement.Incarnation, speaker);
            return;
        }

        var declaredBy = statement.Accuser.IsNone ? speaker : statement.Accuser;
        File(member, declaredBy, EvidenceKind.DeathAnnounced);
        Bury(member, statement.Incarnation, declaredBy, Now, "its death was announced");
    }

    private void Revive(Member member, in MemberStatement statement)
    {
        var wasGone = member.IsGone;
        if (member.State is not MemberState.Alive)
        {
            File(member, member.Id, EvidenceKind.Refuted);
        }

        StopSuspecting(member);
        member.Incarnation = statement.Incarnation;
        member.Endpoint = statement.Endpoint;
        member.Traits = statement.Traits;
        member.Accuser = default;
        Change(member, MemberState.Alive, Now, "it spoke up");
        PassOn(member, statement);
        if (wasGone)
        {
            schedule.Add(member);
            Revived?.Invoke(member);
        }
    }

    private void Suspect(Member member, ulong incarnation, NodeId accuser)
    {
        if (incarnation < member.Incarnation || member.State is not (MemberState.Alive or MemberState.Suspect) || context.Options.IsClient)
        {
            return; // and a client judges nobody: it waits for the members' verdict
        }

        if (member.Suspicion is { } suspicion && incarnation == member.Incarnation)
        {
            if (suspicion.Confirm(accuser))
            {
                _suspects.Reconsider();
                File(member, accuser, EvidenceKind.Accused);
                context.Rumours.TellAccusation(member, accuser);
            }

            return;
        }

        StopSuspecting(member);
        var present = Table.PresentCount;
        member.Incarnation = incarnation;
        member.Suspicion = new Suspicion(
            accuser,
            Now,
            context.Timing.SuspicionMin(present),
            context.Timing.SuspicionMax(present),
            context.Timing.ConfirmationsNeeded(present));
        _suspects.Add(member);
        File(member, accuser, EvidenceKind.Accused);
        Change(member, MemberState.Suspect, Now, accuser == context.Self.Id ? "it did not answer probes" : "others suspect it");
        context.Rumours.TellAccusation(member, accuser);
    }

    private void Bury(Member member, ulong incarnation, NodeId declaredBy, long since, string reason)
    {
        StopSuspecting(member);
        member.Incarnation = incarnation;
        member.Accuser = declaredBy;
        member.NextContact = Now + context.Timing.ReconnectMin.Ticks;
        Change(member, MemberState.Dead, since, reason);
        context.Rumours.TellMember(member);
    }

    private void StopSuspecting(Member member)
    {
        if (member.Suspicion is not null)
        {
            member.Suspicion = null;
            _suspects.Remove(member);
        }
    }

    private void PassOn(Member member, in MemberStatement statement)
    {
        if (!statement.History || !context.IsNewcomer)
        {
            context.Rumours.TellMember(member);
        }
    }

    private void Change(Member member, MemberState state, long since, string reason)
    {
        var before = member.State;
        Table.SetState(member, state, since);
        context.Outbox.ViewChanged = true;
        if (before != state)
        {
            context.Outbox.Events.Add(new EngineEvent(EngineEventKind.StateChanged)
            {
                Subject = member.Instance,
                Endpoint = member.Endpoint,
                Before = before,
                After = state,
                Reason = reason,
            });
        }
    }

    private void File(Member member, NodeId witness, EvidenceKind kind) =>
        (member.Case ??= new CaseFile()).Add(Now, witness, kind);
}
