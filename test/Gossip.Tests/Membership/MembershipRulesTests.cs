using Gossip.Membership;
using Gossip.Node;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>The rules one by one, seen from node a.</summary>
public class MembershipRulesTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void A_node_that_is_suspected_raises_its_incarnation_above_and_says_so()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Hear('b', TestNodes.Says('a', MemberState.Suspect, incarnation: 5, accuser: 'c'));
        a.Advance(Moment);

        Assert.Equal(6UL, a.Engine.Table.Local.Incarnation);
        Assert.Equal(1, a.Engine.AwarenessScore);
        Assert.Contains(a.Take(), packet => PacketText.Describe(packet).Contains("member a@1 alive 6", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(MemberState.Alive, 0, 0)]
    [InlineData(MemberState.Alive, 7, 8)]
    [InlineData(MemberState.Suspect, 0, 1)]
    [InlineData(MemberState.Dead, 3, 4)]
    [InlineData(MemberState.Left, 0, 1)]
    public void A_node_outranks_all_that_others_say_about_it(MemberState state, ulong incarnation, ulong expected)
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('a', state, incarnation));

        Assert.Equal(expected, a.Engine.Table.Local.Incarnation);
        Assert.Equal(MemberState.Alive, a.Engine.Table.Local.State);
    }

    [Fact]
    public void What_is_said_of_an_earlier_life_does_not_concern_a_node()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { Self = TestNodes.Instance('a', generation: 2) });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Hear('b', TestNodes.Says('a', MemberState.Dead, incarnation: 9, generation: 1));

        Assert.Equal(0UL, a.Engine.Table.Local.Incarnation);
    }

    [Fact]
    public void A_later_life_at_the_own_address_outdates_the_generation()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('a', MemberState.Alive, generation: 5));

        Assert.Equal((EngineEventKind.GenerationOutdated, 5UL), (a.Events[^1].Kind, a.Events[^1].Generation));
    }

    [Fact]
    public void A_later_life_at_another_address_is_a_conflict()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('a', MemberState.Alive, generation: 5) with { Endpoint = TestNodes.Endpoint('z') });

        Assert.Equal((EngineEventKind.IdentityConflict, TestNodes.Endpoint('z')), (a.Events[^1].Kind, a.Events[^1].Endpoint));
    }

    [Fact]
    public void An_old_death_is_a_suspicion_to_who_knows_the_member_alive_and_a_death_to_who_does_not()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Hear('b', TestNodes.Says('c', MemberState.Dead, history: true));
        a.Hear('b', TestNodes.Says('d', MemberState.Dead, history: true));

        Assert.Equal(MemberState.Suspect, a.Member('c').State);
        Assert.Equal(MemberState.Dead, a.Member('d').State);
    }

    [Fact]
    public void A_suspicion_that_nobody_refutes_ends_in_death()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Hear('b', TestNodes.Says('c', MemberState.Suspect, accuser: 'b'));
        a.Advance(a.Options.Timing.SuspicionMax(3));

        Assert.Equal((MemberState.Dead, a.Options.Self.Id), (a.Member('c').State, a.Member('c').Accuser));
        Assert.Contains(EvidenceKind.SuspicionExpired, Kinds(a.Member('c')));
    }

    [Fact]
    public void A_refutation_ends_a_suspicion_and_an_old_one_does_not()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Hear('b', TestNodes.Says('c', MemberState.Suspect, incarnation: 2, accuser: 'b'));
        a.Hear('b', TestNodes.Says('c', MemberState.Alive, incarnation: 2));
        Assert.Equal(MemberState.Suspect, a.Member('c').State);

        a.Hear('b', TestNodes.Says('c', MemberState.Alive, incarnation: 3));
        Assert.Equal((MemberState.Alive, null), (a.Member('c').State, a.Member('c').Suspicion));
        Assert.Equal([EvidenceKind.Accused, EvidenceKind.Refuted], Kinds(a.Member('c')));
    }

    [Fact]
    public void Two_accusers_are_both_named()
    {
        var a = EngineHarness.Started('a', 'b', 'c', 'd', 'e');
        a.Hear('b', TestNodes.Says('e', MemberState.Suspect, accuser: 'b'));
        a.Hear('c', TestNodes.Says('e', MemberState.Suspect, accuser: 'd'));
        a.Hear('c', TestNodes.Says('e', MemberState.Suspect, accuser: 'b'));

        Assert.Equal([TestNodes.Id('b'), TestNodes.Id('d')], a.Member('e').Case!.Accusers());
    }

    [Fact]
    public void A_newer_accusation_of_a_dead_member_shows_that_it_came_back()
    {
        var a = EngineHarness.Started('a', 'b', 'c');
        a.Hear('b', TestNodes.Says('c', MemberState.Dead));
        a.Hear('b', TestNodes.Says('c', MemberState.Suspect, incarnation: 1, accuser: 'b'));

        Assert.Equal((MemberState.Suspect, 1UL), (a.Member('c').State, a.Member('c').Incarnation));
    }

    [Fact]
    public void A_member_that_falls_silent_while_it_leaves_is_declared_dead_after_the_time_of_a_suspicion()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', MemberState.Leaving, incarnation: 1));
        a.Advance(a.Options.Timing.SuspicionMax(2));
        Assert.Equal(MemberState.Leaving, a.Member('b').State);

        a.Advance(a.Options.Timing.DetectionBound(2) * (a.Options.Timing.AwarenessMax + 1));
        Assert.Equal(MemberState.Dead, a.Member('b').State);
    }

    [Fact]
    public void A_new_life_replaces_the_last_one_with_all_that_was_known_of_it()
    {
        var a = EngineHarness.Started('a', 'b');
        a.Hear('b', TestNodes.Says('b', MemberState.Alive, incarnation: 4));
        a.Events.Clear();
        a.Hear('b', TestNodes.Says('b', MemberState.Alive, generation: 2));

        Assert.Equal((2UL, 0UL, MemberState.Alive), (a.Member('b').Instance.Generation, a.Member('b').Incarnation, a.Member('b').State));
        Assert.Equal([MemberState.Dead, MemberState.Alive], a.Events.Select(change => change.After));
        Assert.Equal([TestNodes.Instance('b', 1), TestNodes.Instance('b', 2)], a.Events.Select(change => change.Subject));
    }

    [Fact]
    public void A_full_table_makes_room_by_forgetting_the_longest_gone_and_turns_others_away()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { MaxMembers = 3 });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Hear('b', TestNodes.Says('b', MemberState.Alive));
        a.Hear('b', TestNodes.Says('c', MemberState.Dead));
        a.Hear('b', TestNodes.Says('d', MemberState.Alive));
        Assert.False(a.Engine.Table.TryFind(TestNodes.Id('c'), out _));
        Assert.True(a.Engine.Table.TryFind(TestNodes.Id('d'), out _));

        a.Hear('b', TestNodes.Says('e', MemberState.Alive));
        Assert.False(a.Engine.Table.TryFind(TestNodes.Id('e'), out _));
        Assert.Equal((EngineEventKind.TableFull, TestNodes.Instance('e')), (a.Events[^1].Kind, a.Events[^1].Subject));
    }

    private static IEnumerable<EvidenceKind> Kinds(Member member) => member.Case!.ToArray().Select(entry => entry.Kind);
}
