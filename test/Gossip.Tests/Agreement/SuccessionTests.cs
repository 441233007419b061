using Gossip.Agreement;
using Gossip.Tables;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>What becomes of the table when those who decide about it lose what they stored.</summary>
public sealed class SuccessionTests
{
    private EngineCluster _cluster = new();

    public static TheoryData<ulong> Seeds => new() { 1, 2, 3, 4, 5 };

    [Theory]
    [MemberData(nameof(Seeds))]
    public void All_seeds_restart_and_a_member_that_is_none_saves_the_table(ulong seed)
    {
        var parent = Found(seed);
        Assert.Equal("a b", _cluster.Keys(3)); // it has read the table, and is the only one that remembers
        var version = _cluster.Read(3)!.Version;

        Restart(0, 1, 2);
        _cluster.Run(20);

        var child = AllAgree(0, 1, 2, 3);
        Assert.Equal((parent.Incarnation, parent.Ordinal + 1), (child.Parent, child.Ordinal));
        Assert.All(_cluster.Members.Keys, node => Assert.Equal("a b", _cluster.Keys(node)));
        var after = _cluster.Read(0)!;
        Assert.Equal(version.Number + TableState.SuccessorJump, after.Version.Number);
        Assert.Equal(version.Stamp + TableState.SuccessorJump, after.Version.Stamp);
        Assert.True(_cluster.Insert(3, "c"));
        Assert.Equal(after.Version.Number + 1, _cluster.Read(1)!.Version.Number);
        Assert.True(_cluster.Saw(3, AgreementEventKind.Lost) && _cluster.Saw(3, AgreementEventKind.Superseded));
        Assert.True(_cluster[0].Engine.Configuration!.Acceptors.Length >= 3);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Two_of_three_restart_and_the_third_saves_what_it_accepted(ulong seed)
    {
        var parent = Found(seed);

        Restart(0, 1);
        _cluster.Run(20);

        var child = AllAgree(0, 1, 2, 3);
        Assert.Equal(parent.Incarnation, child.Parent);
        Assert.Equal("a b", _cluster.Keys(0));
        Assert.True(_cluster.Insert(2, "c"));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void One_of_three_restarts_and_only_its_seat_is_given_anew(ulong seed)
    {
        var parent = Found(seed);

        Restart(0);
        _cluster.Run(20);

        Assert.Equal(parent.Incarnation, AllAgree(0, 1, 2, 3).Incarnation);
        Assert.True(_cluster[0].Engine.HasSeat);
        Assert.DoesNotContain(_cluster.Members.Keys, node => _cluster.Saw(node, AgreementEventKind.Lost));
        Assert.Equal("a b", _cluster.Keys(0));
    }

    [Fact]
    public void Who_is_cut_off_is_not_lost()
    {
        var parent = Found(1);
        _cluster.Cut([0, 1], [2, 3]);
        _cluster.Run(200);

        Assert.Equal(parent.Incarnation, _cluster[2].Engine.Lineage.Incarnation);
        Assert.Null(_cluster.Read(3));
        Assert.False(_cluster.Saw(2, AgreementEventKind.Lost));

        _cluster.Heal();
        _cluster.Run(10);
        Assert.Equal(parent.Incarnation, AllAgree(0, 1, 2, 3).Incarnation);
        Assert.Equal("a b", _cluster.Keys(3));
    }

    [Fact]
    public void A_member_that_cannot_be_reached_is_waited_for_before_a_successor_is_founded()
    {
        var parent = Found(1);
        _cluster.Keys(3);
        _cluster.Start(4, FoundingPlan.Never);
        _cluster.Run(3);
        _cluster.Stop(4);
        Restart(0, 1, 2);

        _cluster.Run(30);
        Assert.Equal(parent.Incarnation, AllAgree(0, 1, 2, 3).Incarnation);
        Assert.Contains("127.0.0.1:7004 cannot be reached", _cluster[0].Engine.Diagnosis(_cluster.Now), StringComparison.Ordinal);

        _cluster.Run(60);
        Assert.Equal(parent.Incarnation, AllAgree(0, 1, 2, 3).Parent);
    }

    [Fact]
    public void Who_heard_of_new_seats_and_not_yet_of_their_stores_takes_nothing_for_lost()
    {
        var parent = Found(2);
        _cluster.Cut([3], [0, 1]); // what node 3 knows of them is of their lives before
        foreach (var node in new[] { 0, 1 })
        {
            Restart(node);
            _cluster.Run(10);
            Assert.True(_cluster[node].Engine.HasSeat);
        }

        Assert.Equal(_cluster[0].Engine.Configuration, _cluster[3].Engine.Configuration);
        _cluster.Run(100);
        Assert.False(_cluster.Saw(3, AgreementEventKind.Lost));
        _cluster.Heal();
        _cluster.Run(5);
        Assert.Equal(parent.Incarnation, AllAgree(0, 1, 2, 3).Incarnation);
        Assert.Equal("a b", _cluster.Keys(3));
    }

    [Fact]
    public void A_register_that_turns_out_to_live_is_not_succeeded_by_those_who_voted_already()
    {
        var parent = Found(3);
        _cluster.Start(4, FoundingPlan.Never);
        _cluster.Start(5, FoundingPlan.Never);
        _cluster.Run(2);
        _cluster.Cut([2], [0, 1, 3, 4, 5]); // it knows no later epoch
        _cluster[0].Engine.OfferSeat(_cluster.Now, offers: false);
        _cluster[1].Engine.OfferSeat(_cluster.Now, offers: false);
        _cluster.Run(30);
        Assert.Equal([Acceptor(3), Acceptor(4), Acceptor(5)], _cluster[3].Engine.Configuration!.Acceptors);

        _cluster.Heal();
        _cluster.Cut([0, 1, 2], [3, 4, 5]);
        Restart(0, 1);
        for (var turn = 0; turn < 4000 && _cluster[0].Engine.Acceptor.Value is null; turn++)
        {
            _cluster.Run(0.005);
        }

        Assert.Equal(0, _cluster[0].Engine.Acceptor.Value!.Configuration.Epoch); // its vote is for a successor now
        _cluster.Heal();
        _cluster.Cut([0], [1, 2]);
        _cluster.Cut([1], [2]);
        _cluster.Run(5);
        _cluster.Heal();
        _cluster.Run(90);

        Assert.Equal(parent.Incarnation, AllAgree(0, 1, 2, 3, 4, 5).Incarnation);
        Assert.DoesNotContain(_cluster.Members.Keys, node => _cluster.Saw(node, AgreementEventKind.RivalSuccessor));
        Assert.All(_cluster.Members.Values, member => Assert.True(member.Engine.Acceptor.Register is var register && (register.Epoch == 0 || register.Register == parent.Incarnation)));
        Assert.False(_cluster[0].Engine.Notice.OffersSeat);
        Assert.True(_cluster.Insert(0, "c"));
        Assert.Equal("a b c", _cluster.Keys(4));
    }

    [Fact]
    public void Nobody_is_left_who_remembers_and_the_founders_found_anew()
    {
        var parent = Found(1);
        _cluster.Stop(3, PeerPresence.Left);
        _cluster.Members.Remove(3);
        Restart(0, 1, 2);
        _cluster.Run(20);

        var lineage = AllAgree(0, 1, 2);
        Assert.True(lineage.Parent == Guid.Empty && lineage.Incarnation != parent.Incarnation);
    }

    [Fact]
    public void Succession_survives_a_restart_of_a_founder_that_voted()
    {
        _cluster = new EngineCluster(7);
        for (var node = 0; node < 3; node++)
        {
            _cluster.Start(node, Listed(3), isDurable: node == 2);
        }

        _cluster.Start(3, FoundingPlan.Never);
        _cluster.Run(20);
        Assert.True(_cluster.Insert(0, "a"));
        var parent = _cluster[0].Engine.Lineage;
        Restart(0, 1);
        for (var turn = 0; turn < 2000 && _cluster[2].Engine.Acceptor.Before is null; turn++)
        {
            _cluster.Run(0.005);
        }

        Assert.NotNull(_cluster[2].Engine.Acceptor.Before);
        _cluster.Start(2, Listed(3), isDurable: true);
        Assert.Equal("a", string.Join(' ', ((TableState)_cluster[2].Engine.Acceptor.Before!.State).Rows.Keys));
        _cluster.Run(20);

        Assert.Equal(parent.Incarnation, AllAgree(0, 1, 2, 3).Parent);
        Assert.Equal("a", _cluster.Keys(0));
    }

    [Fact]
    public void A_retry_in_the_successor_gets_the_answer_of_the_lost_register()
    {
        var lineage = new Lineage(new Guid(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3), Guid.NewGuid(), 1);
        var change = AgreementCluster.Change(9, 4, "won");
        var start = RegisterValue.Unfounded(Configuration.Of(0, [Acceptor(0)]), TableState.Empty);
        var evaluation = new Evaluation(start);
        var sessions = AgreementCodecTests.SessionsWith(change, "kept"u8.ToArray());
        const int MostOfAll = Sessions.MaxSessionBytes - 1024;
        for (var client = 10; sessions.Bytes + MostOfAll <= Sessions.MaxBytes; client++)
        {
            sessions = AgreementCodecTests.SessionsWith(AgreementCluster.Change(client, 1, ""), new byte[MostOfAll - 100], sessions);
        }

        sessions = AgreementCodecTests.SessionsWith(AgreementCluster.Change(99, 1, ""), new byte[Sessions.MaxBytes - sessions.Bytes - 100], sessions); // there is no room for one more
        evaluation.Inherit(sessions);
        Assert.Equal(ChangeOutcome.Applied, evaluation.Run(new Heritage(sessions, TableState.Empty.Succeed(5), "").Change(lineage), out _));
        var (batch, value) = evaluation.Finish(lineage, [], [Acceptor(0)]);

        Assert.True(BatchFormat.TryRead(batch.Encoded.Span, out var read));
        Assert.Equal(value.Position, start.Apply(read)!.Position);
        Assert.Equal(Recollection.Result, start.Apply(read)!.Sessions.Recall(change, out var result));
        Assert.Equal("kept"u8.ToArray(), result.ToArray());
        Assert.Equal(5 + TableState.SuccessorJump, start.Apply(read)!.State.Height);
    }

    /// <summary>Three seeds in memory and a member that is none; the table has two rows.</summary>
    private Lineage Found(ulong seed)
    {
        _cluster = new EngineCluster(seed);
        for (var node = 0; node < 3; node++)
        {
            _cluster.Start(node, Listed(3));
        }

        _cluster.Start(3, FoundingPlan.Never);
        _cluster.Run(10);
        Assert.True(_cluster.Insert(0, "a"), _cluster[0].Engine.Diagnosis(_cluster.Now));
        Assert.True(_cluster.Insert(3, "b"));
        Assert.Equal(3, _cluster[0].Engine.Configuration!.Acceptors.Length);
        return AllAgree(0, 1, 2, 3);
    }

    private void Restart(params int[] nodes)
    {
        foreach (var node in nodes)
        {
            _cluster.Stop(node);
        }

        _cluster.Run(0.5);
        foreach (var node in nodes)
        {
            _cluster.Start(node, Listed(3));
        }
    }

    private Lineage AllAgree(params int[] nodes) => Assert.Single(nodes.Select(node => _cluster[node].Engine.Lineage).Distinct());
}
