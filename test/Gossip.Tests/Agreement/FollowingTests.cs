using Gossip.Agreement;
using Gossip.Tables;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>A node that followed a successor belongs to that one for good, with a seat there or without: what it held before votes no more, over restarts, too.</summary>
public sealed class FollowingTests
{
    private readonly EngineCluster _cluster = new(21);

    [Fact]
    public void A_majority_of_the_old_register_that_followed_stays_there_when_it_restarts_together()
    {
        var child = FoundSuccessorWithoutSeatsFor12();
        Assert.True(_cluster.Insert(3, "new"));

        _cluster.Stop(1);
        _cluster.Stop(2);
        _cluster.Run(1);
        _cluster.Start(1, Listed(3), isDurable: true);
        _cluster.Start(2, Listed(3), isDurable: true);
        Assert.Equal(child, _cluster[1].Engine.Lineage);
        Assert.Equal("a b new", _cluster.Keys(1));
        Assert.Equal("a b new", _cluster.Keys(2));
        _cluster.Run(20);
        Assert.Single(_cluster.Members.Values.Select(member => member.Engine.Lineage).Distinct());
    }

    [Fact]
    public void Who_followed_does_not_help_another_to_go_on_with_the_old_one()
    {
        Found();
        _cluster.Stop(1);
        _cluster.Stop(2);
        _cluster.Run(1);
        Recover(0);
        _cluster.Run(10);
        _cluster.Start(1, Listed(3), isDurable: true);
        _cluster.Run(2);

        // 2 meets 1 alone, and nobody else.
        _cluster.Cut([2], [0, 3, 4]);
        _cluster.Start(2, Listed(3), isDurable: true);
        Assert.False(_cluster.Insert(2, "lost"));
        _cluster.Heal();
        _cluster.Run(10);
        Assert.Single(_cluster.Members.Values.Select(member => member.Engine.Lineage).Distinct());
        Assert.Equal("a b", _cluster.Keys(2));
    }

    [Fact]
    public void What_had_no_seat_in_one_successor_gets_one_in_the_next()
    {
        var first = FoundSuccessorWithoutSeatsFor12();
        Assert.True(_cluster.Insert(3, "c"));
        _cluster.Stop(3);
        _cluster.Stop(4);
        _cluster.Run(1);
        Recover(0);
        _cluster.Run(30);

        Assert.Equal(first.Incarnation, _cluster[0].Engine.Lineage.Parent);
        Assert.Single(new[] { 0, 1, 2 }.Select(node => _cluster[node].Engine.Lineage).Distinct());
        Assert.Equal(3, _cluster[0].Engine.Configuration!.Acceptors.Length);
        Assert.True(_cluster[1].Engine.HasSeat && _cluster[2].Engine.HasSeat);
        Assert.True(_cluster.Insert(2, "d"));
        _cluster.Stop(0);
        Assert.Equal("a b c d", _cluster.Keys(1));
    }

    [Fact]
    public void Who_would_refuse_a_seat_is_not_counted_on_for_the_next_epoch()
    {
        var acceptor = new Acceptor(Acceptor(1));
        acceptor.Apply(new InstallRecord(Ballot.None, LonelyEngine.Value));
        var stranger = Value(new Lineage(Guid.NewGuid(), Guid.NewGuid(), 2));
        Assert.Null(acceptor.Handle(new Stage(Ballot.None, stranger) { Register = stranger.Id(default), To = acceptor.Self }, out var reply));
        Assert.IsType<Absent>(reply);

        var engine = new LonelyEngine(1, hasSeat: false);
        engine.Hears(LonelyEngine.Here(0, tells: LonelyEngine.Seats));
        engine.Outbox.Clear();
        engine.Engine.OnRequest(engine.Now, new NodeInstance(Acceptor(0).Node, 1), new Stage(Ballot.None, stranger) { Register = stranger.Id(default), To = Acceptor(1) });
        engine.Engine.OnRequest(engine.Now, new NodeInstance(Acceptor(0).Node, 1), new Install(Ballot.None, stranger) { Register = stranger.Id(default), To = Acceptor(1) });
        Assert.DoesNotContain(engine.Outbox.Replies, answer => answer.Reply is not null);
        Assert.Null(engine.Engine.Acceptor.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_given_up_is_told_of_and_never_taken_up_again(bool fromCheckpoint)
    {
        var acceptor = new Acceptor(Acceptor(1));
        List<AcceptorRecord> log = [new InstallRecord(Ballot.None, LonelyEngine.Value)];
        log.ForEach(acceptor.Apply);
        var child = new Lineage(Guid.NewGuid(), LonelyEngine.Lineage.Incarnation, 1);
        log.Add(acceptor.Leave(child, Configuration.Of(1, [Acceptor(3)]))!);
        acceptor = Gossip.Agreement.Acceptor.Restore(acceptor.Self, fromCheckpoint ? [acceptor.Checkpoint()] : log);

        Assert.Null(acceptor.Value);
        Assert.Equal(LonelyEngine.Value, acceptor.Before);
        Assert.Null(acceptor.Leave(child, Configuration.Of(2, [Acceptor(3)])));
        Assert.IsType<Absent>(Ask(new Query(Position.Nowhere, WantsNews: false) { Register = LonelyEngine.Value.Id(default) }));
        Assert.IsType<Absent>(Ask(Install(LonelyEngine.Value)));
        Assert.IsType<Absent>(Ask(Install(Value(new Lineage(Guid.NewGuid(), LonelyEngine.Lineage.Incarnation, 1))))); // a sibling
        Assert.IsType<Gossip.Agreement.Installed>(Ask(Install(Value(new Lineage(Guid.NewGuid(), child.Incarnation, 2)))));
        Assert.Null(acceptor.Followed);

        AcceptorReply Ask(AcceptorRequest request)
        {
            acceptor.Handle(request with { To = acceptor.Self }, out var reply);
            return reply;
        }

        static Install Install(RegisterValue value) => new(Ballot.None, value) { Register = value.Id(default) };
    }

    private static RegisterValue Value(Lineage lineage) => new()
    {
        Lineage = lineage,
        Configuration = Configuration.Of(1, [Acceptor(1)]),
        Position = LonelyEngine.Value.Position,
        Sessions = Sessions.None,
        State = TableState.Empty,
    };

    /// <summary>1 and 2 are lost, 0 is recovered and gets 3 and 4 at its side; then 1 and 2 come back, one by one, and there is no seat for them.</summary>
    private Lineage FoundSuccessorWithoutSeatsFor12()
    {
        var parent = Found();
        _cluster.Stop(1);
        _cluster.Stop(2);
        _cluster.Run(1);
        Recover(0);
        _cluster.Run(15);
        Assert.Equal([Acceptor(0), Acceptor(3), Acceptor(4)], _cluster[0].Engine.Configuration!.Acceptors);
        _cluster.Start(1, Listed(3), isDurable: true);
        _cluster.Run(2);
        _cluster.Start(2, Listed(3), isDurable: true);
        _cluster.Run(10);
        Assert.Equal(parent.Incarnation, _cluster[1].Engine.Lineage.Parent);
        Assert.False(_cluster[1].Engine.HasSeat || _cluster[2].Engine.HasSeat);
        return _cluster[0].Engine.Lineage;
    }

    private Lineage Found()
    {
        for (var node = 0; node < 3; node++)
        {
            _cluster.Start(node, Listed(3), isDurable: true);
        }

        _cluster.Start(3, FoundingPlan.Never, isDurable: true);
        _cluster.Start(4, FoundingPlan.Never, isDurable: true);
        _cluster.Run(10);
        Assert.True(_cluster.Insert(0, "a") && _cluster.Insert(3, "b"));
        return _cluster[0].Engine.Lineage;
    }

    private void Recover(int node)
    {
        _cluster[node].Engine.Recover(_cluster.Now, _cluster.Now);
        _cluster.CarryOut(_cluster[node]);
        _cluster.Run(5);
        Assert.Null(_cluster.Surveys[^1].Refusal);
    }
}
