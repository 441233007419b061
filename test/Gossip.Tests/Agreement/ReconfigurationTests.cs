using System.Collections.Immutable;
using Gossip.Agreement;
using Gossip.Simulation.Registers;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class ReconfigurationTests
{
    private AgreementCluster _cluster = new(acceptors: 6, seats: 1);
    private ulong _sequence;

    [Fact]
    public void Grows_from_one_to_three_to_five_and_shrinks_again()
    {
        var proposer = _cluster.Proposer(10);
        Submit(proposer, "a");
        foreach (var (count, epoch) in new[] { (3, 2), (5, 3), (3, 4), (1, 5) })
        {
            Reconfigure(proposer, _cluster.Ids[..count]);
            Assert.Equal((epoch, count), (proposer.Register.Epoch, proposer.Configuration!.Acceptors.Length));
            Submit(proposer, $"in{epoch}");
        }

        Assert.Equal("a in2 in3 in4 in5", AgreementCluster.Text(proposer.Chosen));
        Assert.All(_cluster.Reconfigured, ended => Assert.True(ended.Succeeded));
        Assert.False(_cluster[4].HasSeat);
    }

    [Fact]
    public void Replaces_a_lost_store()
    {
        _cluster = new AgreementCluster(acceptors: 4, seats: 3);
        var proposer = _cluster.Proposer(10);
        Submit(proposer, "a");
        _cluster.Replace(2, new Acceptor(AgreementCluster.Id(3, store: 2)));
        Submit(proposer, "b");
        Assert.Equal(_cluster.Ids[2], _cluster.Lost.Distinct().Single());

        Reconfigure(proposer, [_cluster.Ids[0], _cluster.Ids[1], AgreementCluster.Id(3, store: 2)]);
        Submit(proposer, "c");

        Assert.Equal("a b c", AgreementCluster.Text(_cluster[2].Value));
    }

    [Fact]
    public void A_newcomer_that_does_not_answer_keeps_the_epoch_as_it_is()
    {
        var proposer = _cluster.Proposer(10);
        Submit(proposer, "a");
        _cluster.Deaf.Add(_cluster.Ids[2]);

        Reconfigure(proposer, _cluster.Ids[..3]);
        _cluster.Pass(AgreementCluster.Timing.StageTimeout * 2);

        Assert.False(Assert.Single(_cluster.Reconfigured).Succeeded);
        Assert.Equal(1, proposer.Register.Epoch);
        Submit(proposer, "b");
    }

    [Fact]
    public void A_seat_whose_store_is_gone_is_not_sealed_in_alone()
    {
        _cluster = new AgreementCluster(acceptors: 3, seats: 3);
        var proposer = _cluster.Proposer(10);
        Submit(proposer, "a");
        _cluster.Replace(0, new Acceptor(AgreementCluster.Id(1, store: 2)));

        Reconfigure(proposer, _cluster.Ids[..1]);
        _cluster.Pass(AgreementCluster.Timing.StageTimeout * 2);

        Assert.Equal(1, proposer.Register.Epoch);
        Submit(proposer, "b");
    }

    [Fact]
    public void Another_opens_the_epoch_when_the_one_who_sealed_it_died()
    {
        _cluster = new AgreementCluster(acceptors: 4, seats: 3);
        var first = _cluster.Proposer(10);
        Submit(first, "a");
        _cluster.Loses = request => request is Install;
        Reconfigure(first, _cluster.Ids[1..4]);
        Assert.Equal(1, first.Register.Epoch);
        Assert.True(_cluster[1].Value!.Next is not null && _cluster[3].Value is null);

        _cluster.Loses = _ => false;
        var second = _cluster.Proposer(11);
        Assert.Equal(Verdict.Decided, _cluster.Insist(second, AgreementCluster.Change(11, 1, "b")).Verdict);
        Assert.Equal("a b", AgreementCluster.Text(second.Chosen));
        Assert.Equal((2, "a b"), (second.Register.Epoch, AgreementCluster.Text(second.Chosen)));
    }

    [Fact]
    public void Who_loses_its_seat_can_still_open_the_next_epoch_until_it_is_open()
    {
        _cluster = new AgreementCluster(acceptors: 4, seats: 3);
        var first = _cluster.Proposer(10);
        Submit(first, "a");
        _cluster.Loses = request => request is Install && request.To == _cluster.Ids[3];

        Reconfigure(first, [_cluster.Ids[3]]);

        Assert.Equal(1, _cluster[0].Register.Epoch);
        _cluster.Loses = _ => false;
        var second = _cluster.Proposer(11);
        Assert.Equal(Verdict.Decided, _cluster.Insist(second, AgreementCluster.Change(11, 1, "b")).Verdict);
        Assert.Equal("a b", AgreementCluster.Text(second.Chosen));
        Assert.Equal(2, _cluster[0].Register.Epoch);
    }

    [Fact]
    public void One_who_comes_late_to_an_epoch_brings_the_others_in()
    {
        var (_, second) = SealAndInstall(only: 1);

        Assert.Equal(Verdict.Decided, _cluster.Insist(second, AgreementCluster.Change(11, 1, "b")).Verdict);
        Assert.Equal("a b", AgreementCluster.Text(second.Chosen));
        Assert.Equal("a b", AgreementCluster.Text(_cluster[3].Value));
    }

    [Fact]
    public void An_epoch_whose_only_acceptor_is_gone_is_opened_again_from_the_one_before()
    {
        var (_, second) = SealAndInstall(only: 3);
        _cluster.Submit(second, new Change(new ChangeId(AgreementCluster.Life(11), 1), 1, default));
        var opening = _cluster[3].Value!;
        second.Follow(_cluster.Now, opening.Id(default), opening.Configuration, null);
        _cluster.Deaf.Add(_cluster.Ids[3]);
        var third = _cluster.Proposer(12);
        third.Follow(_cluster.Now, opening.Id(default), opening.Configuration, null);

        third.Submit(_cluster.Now, 100, AgreementCluster.Change(12, 1, "b"), long.MaxValue, insist: true);
        _cluster.Run();
        _cluster.Pass(AgreementCluster.Timing.Resend * 4);

        Assert.Equal(Verdict.Decided, _cluster.Settled.Find(settled => settled.Ticket == 100).Verdict);
        Assert.Equal((2, "a b"), (third.Register.Epoch, AgreementCluster.Text(third.Chosen)));
    }

    [Fact]
    public void Three_seeds_found_one_register_whoever_of_two_rivals_wins()
    {
        var founders = new Guid(5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5);
        ImmutableArray<AcceptorId> seats = [.. Enumerable.Range(1, 3).Select(i => new AcceptorId(new NodeId((ulong)(1000 + i)), founders))];
        _cluster = new AgreementCluster(acceptors: 3, seats: 0);
        var founding = Configuration.Of(0, seats);
        for (var i = 0; i < seats.Length; i++)
        {
            _cluster.Founders[seats[i]] = _cluster.Ids[i];
            Assert.NotNull(_cluster[i].Bind(founders, seats[i], RegisterValue.Unfounded(founding, Notes.None)));
        }

        Proposer[] rivals = [_cluster.Proposer(10), _cluster.Proposer(11)];
        foreach (var rival in rivals)
        {
            rival.Follow(0, new RegisterId(founders, 0), founding, null);
        }

        for (var turn = 0; turn < 10 && Array.Exists(rivals, rival => rival.Register.Epoch == 0); turn++)
        {
            for (var i = 0; i < rivals.Length; i++)
            {
                rivals[i].Found(_cluster.Now, new Lineage(new Guid(i + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)turn), Guid.Empty, 0), _cluster.Ids);
            }

            _cluster.Run();
            _cluster.Pass(AgreementCluster.Timing.BackoffMax);
        }

        Assert.All(rivals, rival => Assert.Equal(1, rival.Register.Epoch));
        Assert.Equal(rivals[0].Register, rivals[1].Register);
        Assert.Equal(_cluster.Ids, rivals[0].Configuration!.Acceptors);
        Assert.Equal(Verdict.Decided, _cluster.Submit(rivals[1], AgreementCluster.Change(11, 1, "a")).Verdict);
        Assert.All(_cluster.Ids, (_, i) => Assert.Equal(rivals[0].Register, _cluster[i].Register));
    }

    /// <summary>Gossip may still tell of the stores that the founders had in lives that have ended.</summary>
    [Fact]
    public void A_register_is_not_founded_on_stores_that_do_not_answer()
    {
        var founders = new Guid(5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5);
        ImmutableArray<AcceptorId> seats = [.. Enumerable.Range(1, 3).Select(i => new AcceptorId(new NodeId((ulong)(1000 + i)), founders))];
        _cluster = new AgreementCluster(acceptors: 3, seats: 0);
        var founding = Configuration.Of(0, seats);
        for (var i = 0; i < seats.Length; i++)
        {
            _cluster.Founders[seats[i]] = _cluster.Ids[i];
            Assert.NotNull(_cluster[i].Bind(founders, seats[i], RegisterValue.Unfounded(founding, Notes.None)));
        }

        var proposer = _cluster.Proposer(10);
        proposer.Follow(0, new RegisterId(founders, 0), founding, null);
        var lineage = new Lineage(new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), Guid.Empty, 0);
        proposer.Found(_cluster.Now, lineage, [_cluster.Ids[0], _cluster.Ids[1] with { Store = founders }, _cluster.Ids[2] with { Store = founders }]);
        _cluster.Run();
        _cluster.Pass(AgreementCluster.Timing.StageTimeout * 2);
        Assert.Equal((0, false), (proposer.Register.Epoch, proposer.IsReconfiguring));

        proposer.Found(_cluster.Now, lineage, [_cluster.Ids[0], _cluster.Ids[1], _cluster.Ids[2] with { Store = founders }]);
        _cluster.Run();

        Assert.Equal(1, proposer.Register.Epoch);
    }

    /// <summary>The epoch is sealed, but only one acceptor of the next one was brought in when the proposer died.</summary>
    private (Proposer First, Proposer Second) SealAndInstall(int only)
    {
        _cluster = new AgreementCluster(acceptors: 4, seats: 3);
        var first = _cluster.Proposer(10);
        Submit(first, "a");
        _cluster.Loses = request => request is Install && request.To != _cluster.Ids[only];
        Reconfigure(first, _cluster.Ids[1..4]);
        Assert.Equal(2, _cluster[only].Register.Epoch);
        _cluster.Loses = _ => false;
        return (first, _cluster.Proposer(11));
    }

    private void Reconfigure(Proposer proposer, ImmutableArray<AcceptorId> seats)
    {
        Assert.True(proposer.TryReconfigure(_cluster.Now, seats));
        _cluster.Run();
    }

    private void Submit(Proposer proposer, string text) =>
        Assert.Equal(Verdict.Decided, _cluster.Submit(proposer, AgreementCluster.Change(10, ++_sequence, text)).Verdict);
}
