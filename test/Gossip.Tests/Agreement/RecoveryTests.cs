using Gossip.Agreement;
using Gossip.Tables;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>What an operator decides where nothing is proven.</summary>
public sealed class RecoveryTests
{
    private readonly EngineCluster _cluster = new(11);

    [Fact]
    public void The_table_goes_on_without_those_that_cannot_be_reached()
    {
        var parent = Found();
        var version = _cluster.Read(2)!.Version.Number;
        _cluster.Stop(0);
        _cluster.Stop(1);
        _cluster.Run(5);
        Assert.Null(_cluster.Read(2));

        var survey = Ask(2, recovers: false);
        Assert.Null(survey.Refusal);
        Assert.Equal([Acceptor(2), Acceptor(3)], survey.Told.Select(told => told.From).Order(Comparer<AcceptorId>.Create((a, b) => a.Node.CompareTo(b.Node))));
        Assert.True(survey.Told[0].Height >= version && survey.Told[0].Register.Register == parent.Incarnation);
        Assert.Equal(parent.Incarnation, _cluster[2].Engine.Lineage.Incarnation);

        Assert.Null(Ask(2, recovers: true).Refusal);
        _cluster.Run(15);
        Assert.Equal(parent.Incarnation, _cluster[2].Engine.Lineage.Parent);
        Assert.Equal(_cluster[2].Engine.Lineage, _cluster[3].Engine.Lineage);
        Assert.Equal("a b", _cluster.Keys(3));
        Assert.True(_cluster.Read(3)!.Version.Number >= version + TableState.SuccessorJump);
        Assert.True(_cluster.Insert(3, "c"));
    }

    [Fact]
    public void Nothing_is_recovered_while_a_majority_is_there()
    {
        var parent = Found();
        _cluster.Stop(0);
        _cluster.Run(1);

        Assert.Contains("a majority", Ask(2, recovers: true).Refusal, StringComparison.Ordinal);
        Assert.Equal(parent.Incarnation, _cluster[2].Engine.Lineage.Incarnation);
    }

    [Fact]
    public void A_majority_that_was_only_cut_off_goes_on_and_both_sides_say_so()
    {
        var parent = Found();
        _cluster.Cut([0, 1], [2, 3]);
        _cluster.Run(1);
        Ask(2, recovers: true);
        _cluster.Run(15);
        Assert.Equal(parent.Incarnation, _cluster[3].Engine.Lineage.Parent);
        Assert.True(_cluster.Insert(0, "old"));
        Assert.True(_cluster.Insert(3, "new"));

        _cluster.Heal();
        _cluster.Run(20);

        Assert.Equal(parent.Incarnation, _cluster[0].Engine.Lineage.Incarnation);
        Assert.Equal("a b old", _cluster.Keys(1));
        Assert.Equal("a b new", _cluster.Keys(2));
        Assert.True(_cluster.Saw(0, AgreementEventKind.RivalSuccessor) && _cluster.Saw(1, AgreementEventKind.RivalSuccessor));
        Assert.Equal(1, _cluster[0].Events.Count(happened => happened.Kind == AgreementEventKind.RivalSuccessor));
    }

    [Fact]
    public void Two_that_are_recovered_side_by_side_never_merge_and_the_weaker_one_names_the_other()
    {
        Found();
        _cluster.Stop(0);
        _cluster.Stop(1);
        _cluster.Cut([2], [3]);
        _cluster.Run(1);
        Ask(2, recovers: true);
        Ask(3, recovers: true);
        _cluster.Run(5);
        Assert.NotEqual(_cluster[2].Engine.Lineage.Incarnation, _cluster[3].Engine.Lineage.Incarnation);
        Assert.Equal(_cluster[2].Engine.Lineage.Parent, _cluster[3].Engine.Lineage.Parent);

        _cluster.Heal();
        _cluster.Run(5);
        Assert.True(_cluster.Saw(2, AgreementEventKind.RivalSuccessor) && _cluster.Saw(3, AgreementEventKind.RivalSuccessor));
        Assert.NotEqual(_cluster[2].Engine.Lineage.Incarnation, _cluster[3].Engine.Lineage.Incarnation);
        Assert.Null(_cluster[2].Engine.Supersession());

        _cluster[3].Engine.OnStoreFailed(_cluster.Now);
        _cluster.Run(1);
        Assert.Contains("has its majority", _cluster[3].Engine.Supersession(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_failed_is_no_part_of_a_majority()
    {
        var parent = Found();
        _cluster.Stop(0);
        _cluster[1].Engine.OnStoreFailed(_cluster.Now);
        _cluster.Run(1);

        Assert.Null(Ask(2, recovers: true).Refusal);
        _cluster.Run(5);
        Assert.Equal(parent.Incarnation, _cluster[2].Engine.Lineage.Parent);
    }

    [Fact]
    public void A_second_recovery_finds_a_majority_and_is_refused()
    {
        Found();
        _cluster.Stop(0);
        _cluster.Stop(1);
        _cluster.Run(1);
        Ask(2, recovers: true);

        Assert.Contains("a majority", Ask(3, recovers: true).Refusal, StringComparison.Ordinal);
        Assert.Equal(_cluster[2].Engine.Lineage, _cluster[3].Engine.Lineage);
        Assert.False(_cluster.Saw(2, AgreementEventKind.RivalSuccessor) || _cluster.Saw(3, AgreementEventKind.RivalSuccessor));
    }

    [Fact]
    public void Who_was_missing_and_comes_back_one_by_one_follows_the_successor()
    {
        var parent = Found();
        _cluster.Stop(0);
        _cluster.Stop(1);
        _cluster.Run(1);
        Ask(2, recovers: true);
        _cluster.Run(5);

        _cluster.Start(0, Listed(3), isDurable: true);
        Assert.Equal(parent.Incarnation, _cluster[0].Engine.Lineage.Incarnation);
        _cluster.Run(2);
        _cluster.Start(1, Listed(3), isDurable: true);
        _cluster.Run(10);

        Assert.Single(_cluster.Members.Values.Select(member => member.Engine.Lineage).Distinct());
        Assert.Equal(parent.Incarnation, _cluster[0].Engine.Lineage.Parent);
        Assert.True(_cluster.Saw(0, AgreementEventKind.Superseded) && _cluster.Saw(1, AgreementEventKind.Superseded));
        Assert.Equal("a b", _cluster.Keys(1));
    }

    [Fact]
    public void A_majority_that_comes_back_while_members_are_asked_ends_the_recovery()
    {
        var engine = new LonelyEngine(2);
        engine.Hears(LonelyEngine.Gone(0), LonelyEngine.Gone(1), LonelyEngine.Here(3));
        Assert.Single(engine.Survey(recovers: true));
        Assert.Empty(engine.Outbox.Surveys);

        engine.Hears(LonelyEngine.Here(0), LonelyEngine.Here(1), LonelyEngine.Here(3));
        engine.Wait(5);
        Assert.Contains("a majority", Assert.Single(engine.Outbox.Surveys).Refusal, StringComparison.Ordinal);
        Assert.Equal(new RegisterId(LonelyEngine.Lineage.Incarnation, 1), engine.Engine.Acceptor.Register);
    }

    [Fact]
    public void A_successor_that_is_heard_of_while_members_are_asked_ends_the_recovery()
    {
        var engine = new LonelyEngine(2);
        engine.Hears(LonelyEngine.Gone(0), LonelyEngine.Gone(1), LonelyEngine.Here(3));
        Assert.Single(engine.Survey(recovers: true));

        var child = new Lineage(Guid.AllBitsSet, LonelyEngine.Lineage.Incarnation, 1);
        engine.Hears(LonelyEngine.Gone(0), LonelyEngine.Gone(1), LonelyEngine.Here(3, tells: Configuration.Of(1, [Acceptor(3)]), lineage: child));
        Assert.Contains("succeeded", Assert.Single(engine.Outbox.Surveys).Refusal, StringComparison.Ordinal);
        Assert.Equal(child, engine.Engine.Lineage);
    }

    [Fact]
    public void Nothing_is_recovered_from_members_that_hold_nothing()
    {
        var engine = new LonelyEngine(3, hasSeat: false);
        engine.Hears(LonelyEngine.Here(4, tells: LonelyEngine.Seats));
        engine.Hears(LonelyEngine.Gone(0), LonelyEngine.Gone(1), LonelyEngine.Gone(2));
        engine.Survey(recovers: true);
        engine.Wait(5);
        Assert.Contains("holds anything", Assert.Single(engine.Outbox.Surveys).Refusal, StringComparison.Ordinal);
        Assert.Null(engine.Engine.Acceptor.Value);
    }

    [Fact]
    public void Nothing_is_recovered_while_the_founders_may_be_about_to_found_a_successor()
    {
        var engine = new LonelyEngine(3, hasSeat: false);
        AgreementPeer[] lost = [Lost(0), Lost(1), LonelyEngine.Here(2, tells: LonelyEngine.Seats)];
        engine.Hears(lost);
        engine.Wait(1);
        engine.Survey(recovers: true);
        Assert.Contains("about to found", Assert.Single(engine.Outbox.Surveys).Refusal, StringComparison.Ordinal);

        engine.Wait(100);
        engine.Survey(recovers: true);
        Assert.Empty(engine.Outbox.Surveys); // it is asked what there is

        static AgreementPeer Lost(int node) => LonelyEngine.Here(node, store: 2) is var peer ? peer with { Notice = peer.Notice! with { Disowned = 1 } } : peer;
    }

    [Fact]
    public void A_recovery_goes_on_when_the_disk_takes_longer_than_an_attempt()
    {
        var engine = new LonelyEngine(2);
        engine.Hears(LonelyEngine.Gone(0), LonelyEngine.Gone(1));
        engine.Survey(recovers: true);
        engine.Wait(30); // no answer of the own store comes back: none is delivered
        Assert.Contains("votes for a successor that is not founded yet", engine.Engine.Diagnosis(engine.Now), StringComparison.Ordinal);

        engine.Outbox.Clear();
        engine.Converse(5);
        Assert.Equal(LonelyEngine.Lineage.Incarnation, engine.Engine.Lineage.Parent);
    }

    [Fact]
    public void Who_stopped_within_a_recovery_says_so_and_may_recover_again()
    {
        var before = new LonelyEngine(2);
        before.Hears(LonelyEngine.Gone(0), LonelyEngine.Gone(1));
        before.Survey(recovers: true);
        before.Wait(1);
        var kept = before.Engine.Acceptor.Checkpoint();
        Assert.Equal(0, kept.Value!.Configuration.Epoch);

        var engine = new LonelyEngine(2, hasSeat: false, then: acceptor => acceptor.Apply(kept), life: 2);
        engine.Hears(LonelyEngine.Here(0), LonelyEngine.Gone(1));
        Assert.Equal(TableAcceptorState.Lost, engine.Engine.Judge(Acceptor(2), engine.Now).State);
        Assert.Contains("recover the table", engine.Engine.Diagnosis(engine.Now), StringComparison.Ordinal);
        engine.Survey(recovers: true);
        engine.Converse(10);
        Assert.Equal(LonelyEngine.Lineage.Incarnation, engine.Engine.Lineage.Parent);
    }

    private Lineage Found()
    {
        for (var node = 0; node < 3; node++)
        {
            _cluster.Start(node, Listed(3), isDurable: true);
        }

        _cluster.Start(3, FoundingPlan.Never, isDurable: true);
        _cluster.Run(10);
        Assert.True(_cluster.Insert(0, "a"), _cluster[0].Engine.Diagnosis(_cluster.Now));
        Assert.True(_cluster.Insert(3, "b"));
        return _cluster[0].Engine.Lineage;
    }

    private RegisterSurvey Ask(int node, bool recovers)
    {
        var ticket = _cluster.Now;
        if (recovers)
        {
            _cluster[node].Engine.Recover(_cluster.Now, ticket);
        }
        else
        {
            _cluster[node].Engine.Survey(_cluster.Now, ticket);
        }

        _cluster.CarryOut(_cluster[node]);
        _cluster.Run(10);
        return Assert.Single(_cluster.Surveys, survey => survey.Ticket == ticket);
    }
}
