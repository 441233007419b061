using System.Text;
using Gossip.Agreement;
using Gossip.Simulation.Registers;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class AcceptorTests
{
    private readonly AgreementCluster _cluster = new(acceptors: 4, seats: 3);
    private readonly List<AcceptorRecord> _log = [];

    private Acceptor Acceptor => _cluster[0];

    private RegisterValue Opening => _cluster.Opening;

    [Fact]
    public void Ballots_are_ordered_by_round_then_node_then_generation()
    {
        Ballot[] sorted = [Ballot.None, At(1, 1), At(1, 2), new Ballot(1, AgreementCluster.Life(2, 2)), At(2, 1)];

        Assert.Equal(sorted, sorted.Reverse().Order());
        Assert.True(At(1, 2) > At(1, 1) && At(1, 2) <= At(2, 1) && At(1, 1) >= At(1, 1) && At(1, 1) < At(1, 2));
    }

    [Fact]
    public void A_promise_binds_against_lower_ballots_only()
    {
        Assert.IsType<Promise>(Ask(new Prepare(At(2, 1), Opening.Position)));
        Assert.IsType<Promise>(Ask(new Prepare(At(2, 1), Opening.Position)));
        Assert.Equal(At(2, 1), Assert.IsType<Rejected>(Ask(new Prepare(At(1, 1), Opening.Position))).Promised);
        Assert.IsType<Rejected>(Ask(Accept(At(1, 2), Opening, "x")));
        Assert.IsType<Accepted>(Ask(Accept(At(3, 1), Opening, "x")));
    }

    [Fact]
    public void Accepting_promises_the_next_ballot_and_is_answered_again()
    {
        var accept = Accept(At(2, 1), Opening, "x");

        Assert.IsType<Accepted>(Ask(accept));
        Assert.Equal(accept.Next, Acceptor.PromisedBallot);
        Assert.IsType<Accepted>(Ask(accept));
        Assert.Equal("x", AgreementCluster.Text(Acceptor.Value));
        Assert.IsType<Rejected>(Ask(new Prepare(At(2, 2), Opening.Position)));
    }

    [Fact]
    public void Batches_from_another_base_are_refused_and_the_whole_value_is_taken()
    {
        var accept = Accept(At(2, 1), Opening, "x");
        var other = After(After(Opening, "y"), "z");
        Ask(accept);

        var needs = Assert.IsType<NeedsBase>(Ask(new Accept(At(4, 1), At(5, 1), new News(other.Position, [], null, other.Position))));
        Assert.Equal(Acceptor.Value!.Position, needs.Held);
        Assert.Equal("x", AgreementCluster.Text(Acceptor.Value));
        Assert.IsType<Accepted>(Ask(new Accept(At(4, 1), At(5, 1), News.Of(other))));
        Assert.Equal("y z", AgreementCluster.Text(Acceptor.Value));
    }

    [Fact]
    public void Batches_that_do_not_lead_where_they_claim_ask_for_the_whole_value()
    {
        var accept = Accept(At(2, 1), Opening, "x");

        Assert.Equal(Position.Nowhere, Assert.IsType<NeedsBase>(Ask(accept with { News = accept.News with { After = After(Opening, "y").Position } })).Held);
    }

    [Fact]
    public void A_second_copy_of_an_install_does_not_undo_what_was_accepted_since()
    {
        Ask(Accept(At(2, 1), Opening, "x"));

        Assert.IsType<Installed>(Ask(new Install(Ballot.None, Opening)));
        Assert.Equal(("x", At(2, 1)), (AgreementCluster.Text(Acceptor.Value), Acceptor.AcceptedBallot));
        Assert.IsType<Rejected>(Ask(new Prepare(At(1, 1), Opening.Position)));
    }

    [Fact]
    public void Who_was_not_installed_answers_absent_whatever_it_is_asked()
    {
        var newcomer = _cluster[3];
        foreach (var request in new AcceptorRequest[] { new Prepare(At(1, 1), Opening.Position), Accept(At(1, 1), Opening, "x"), new Query(Opening.Position, WantsNews: true) })
        {
            Assert.Null(newcomer.Handle(request with { Register = Opening.Id(default), To = newcomer.Self }, out var reply));
            Assert.False(Assert.IsType<Absent>(reply).IsOtherStore);
        }

        newcomer.Handle(new Stage(Ballot.None, Opening) { Register = Opening.Id(default), To = newcomer.Self }, out var staged);
        Assert.Equal(Opening.Position, Assert.IsType<Staged>(staged).Position);
        Assert.Null(newcomer.Value);
        newcomer.Handle(new Query(Opening.Position, WantsNews: true) { Register = Opening.Id(default), To = newcomer.Self }, out var still);
        Assert.IsType<Absent>(still);
    }

    [Fact]
    public void Another_store_does_not_answer_in_the_place_of_a_lost_one()
    {
        var other = new Acceptor(AgreementCluster.Id(1, store: 2));

        other.Handle(new Prepare(At(1, 1), Opening.Position) { Register = Opening.Id(default), To = Acceptor.Self }, out var reply);

        Assert.True(Assert.IsType<Absent>(reply).IsOtherStore);
    }

    [Fact]
    public void Who_moved_on_says_where_to()
    {
        var opening = Sealed(Opening, 1, 2, 3).Open();
        Ask(new Install(Ballot.None, opening), opening.Id(default));

        var moved = Assert.IsType<Moved>(Ask(new Prepare(At(9, 1), Opening.Position)));
        Assert.Equal((opening.Id(default), opening.Configuration), (moved.Register, moved.Configuration));
        Assert.False(Acceptor.HasSeat);
        Assert.IsType<Absent>(Ask(new Prepare(At(9, 1), opening.Position), opening.Id(default)));
        Assert.IsType<Moved>(Ask(new Install(Ballot.None, Opening)));
        Assert.Equal(opening.Position, Acceptor.Value!.Position);
    }

    [Fact]
    public void Another_cluster_cannot_install_itself()
    {
        var foreign = new RegisterValue { Lineage = new Lineage(Guid.AllBitsSet, Guid.Empty, 0), Configuration = Configuration.Of(9, _cluster.Ids), Position = Opening.Position, Sessions = Sessions.None, State = Notes.None };

        Assert.IsType<Absent>(Ask(new Install(Ballot.None, foreign), foreign.Id(default)));
        Assert.Equal(Opening.Position, Acceptor.Value!.Position);
    }

    [Fact]
    public void A_restart_replays_the_records_to_the_same_state()
    {
        var value = Opening;
        for (ulong i = 1; i <= 10; i++)
        {
            Ask(new Prepare(At(2 * i, 2), value.Position));
            Ask(Accept(At(2 * i, 2), value, $"v{i}"));
            value = Acceptor.Value!;
        }

        var again = new Acceptor(Acceptor.Self);
        again.Apply(new InstallRecord(Ballot.None, Opening));
        _log.ForEach(record => again.Apply(record is AcceptRecord accept ? accept with { Value = null } : record));

        Assert.Equal((Acceptor.Value!.Position, Acceptor.AcceptedBallot, Acceptor.PromisedBallot, Acceptor.Register), (again.Value!.Position, again.AcceptedBallot, again.PromisedBallot, again.Register));
        Assert.Equal(AgreementCluster.Text(Acceptor.Value), AgreementCluster.Text(again.Value));
    }

    [Fact]
    public void Only_a_store_that_belongs_to_no_register_takes_a_seat_of_the_founders()
    {
        var seat = AgreementCluster.Id(99);
        var unfounded = RegisterValue.Unfounded(Configuration.Of(0, [seat]), Notes.None);
        var fresh = new Acceptor(AgreementCluster.Id(50));

        Assert.Null(Acceptor.Bind(Guid.AllBitsSet, seat, unfounded));
        Assert.NotNull(fresh.Bind(Guid.AllBitsSet, seat, unfounded));
        Assert.Equal((seat, true, new RegisterId(Guid.AllBitsSet, 0)), (fresh.Seat, fresh.HasSeat, fresh.Register));
        Assert.Null(fresh.Bind(Guid.AllBitsSet, seat, unfounded));
    }

    internal static Ballot At(ulong round, int node) => new(round, AgreementCluster.Life(node));

    internal static RegisterValue After(RegisterValue value, string text) =>
        value.Apply(new Batch { Changes = [new Change(new ChangeId(AgreementCluster.Life(77), (ulong)value.Position.Revision + 1), 1, Encoding.ASCII.GetBytes(text))] })!;

    internal static RegisterValue Sealed(RegisterValue value, params int[] seats) => value.Apply(new Batch { Seal = [.. seats.Select(seat => AgreementCluster.Id(seat + 1))] })!;

    private static Accept Accept(Ballot ballot, RegisterValue held, string text)
    {
        var batch = new Batch { Changes = [new Change(new ChangeId(AgreementCluster.Life(77), (ulong)held.Position.Revision + 1), 1, Encoding.ASCII.GetBytes(text))] };
        return new Accept(ballot, ballot with { Round = ballot.Round + 1 }, new News(held.Position, [batch], null, held.Apply(batch)!.Position));
    }

    private AcceptorReply Ask(AcceptorRequest request, RegisterId? register = null)
    {
        if (Acceptor.Handle(request with { Register = register ?? Opening.Id(default), To = Acceptor.Self, Tag = 5 }, out var reply) is { } record)
        {
            _log.Add(record);
        }

        Assert.Equal(5UL, reply.Tag);
        return reply;
    }
}
