using Gossip.Agreement;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class ProposerTests
{
    private readonly AgreementCluster _cluster = new(acceptors: 6, seats: 3);

    [Fact]
    public void A_change_is_decided_and_the_next_one_needs_no_promise()
    {
        var proposer = _cluster.Proposer(10);

        Assert.Equal(Verdict.Decided, Submit(proposer, 1, "a").Verdict);
        _cluster.Sent.Clear();
        var second = Submit(proposer, 2, "b");

        Assert.Equal("a b", AgreementCluster.Text(second.Value));
        Assert.All(_cluster.Sent, request => Assert.IsType<Accept>(request));
        Assert.Equal(3, _cluster.Sent.Count);
        Assert.All(_cluster.Ids[..3], (_, i) => Assert.Equal("a b", AgreementCluster.Text(_cluster[i].Value)));
    }

    [Fact]
    public void A_minority_that_hears_nothing_stops_nothing_and_catches_up()
    {
        var proposer = _cluster.Proposer(10);
        _cluster.Deaf.Add(_cluster.Ids[2]);
        Submit(proposer, 1, "a");
        Submit(proposer, 2, "b");

        _cluster.Deaf.Clear();
        Assert.Equal("a b c", AgreementCluster.Text(Submit(proposer, 3, "c").Value));
        Assert.Equal("a b c", AgreementCluster.Text(_cluster[2].Value)); // it said what it holds when the others had decided already
        Assert.Equal(_cluster[0].PromisedBallot, _cluster[2].PromisedBallot);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rival_that_cannot_be_reached_is_outbid_at_once(bool isToldFirst)
    {
        var (first, second) = (_cluster.Proposer(10), _cluster.Proposer(11));
        Submit(first, 1, "a");
        Submit(first, 2, "b");
        var dead = AgreementCluster.Life(10).Id;
        _cluster.Deaf.Add(_cluster.Ids[0]);
        var lost = isToldFirst ? default : _cluster.Ids[2];
        _cluster.Loses = request =>
        {
            if (isToldFirst)
            {
                second.OnUnreachable(_cluster.Now, dead);
            }

            return request.To == lost;
        };
        var settled = _cluster.Submit(second, AgreementCluster.Change(11, 1, "c"));
        if (!isToldFirst)
        {
            Assert.Equal(default, settled); // one refused, and the rival may live
            lost = default;
            second.OnUnreachable(_cluster.Now, dead);
            _cluster.Run();
        }

        Assert.Equal("a b c", AgreementCluster.Text(_cluster.Settled[^1].Value));
        Assert.Equal(0, _cluster.Now);
    }

    [Fact]
    public void Who_cannot_be_reached_is_not_waited_for_once_another_one_refuses()
    {
        var (first, second) = (_cluster.Proposer(10), _cluster.Proposer(11));
        Submit(first, 1, "a");
        _cluster.Deaf.Add(_cluster.Ids[2]);
        _cluster.Loses = request => request.To == _cluster.Ids[0];
        Assert.Equal(default, _cluster.Submit(second, AgreementCluster.Change(11, 1, "b")));

        second.OnUnreachable(_cluster.Now, _cluster.Ids[0].Node);
        _cluster.Run();
        Assert.DoesNotContain(_cluster.Settled, settled => settled.Verdict == Verdict.NotLeader); // the third may yet agree
        second.OnUnreachable(_cluster.Now, _cluster.Ids[2].Node);
        _cluster.Run();

        Assert.Equal(Verdict.NotLeader, _cluster.Settled[^1].Verdict);
        Assert.Equal(0, _cluster.Now);
    }

    [Fact]
    public void Another_takes_over_and_goes_on_from_what_was_chosen()
    {
        var (first, second) = (_cluster.Proposer(10), _cluster.Proposer(11));
        Submit(first, 1, "a");

        Assert.Equal("a b", AgreementCluster.Text(_cluster.Insist(second, AgreementCluster.Change(11, 1, "b")).Value));
        var late = Submit(first, 2, "c");
        Assert.Equal((Verdict.NotLeader, AgreementCluster.Life(11)), (late.Verdict, late.Leader));
        Assert.Equal(Verdict.NotLeader, _cluster.Submit(first, AgreementCluster.Change(10, 2, "c"), insist: false).Verdict);
    }

    [Fact]
    public void A_takeover_finishes_what_one_acceptor_accepted()
    {
        var (first, second) = (_cluster.Proposer(10), _cluster.Proposer(11));
        _cluster.Loses = request => request is Accept && request.To != _cluster.Ids[0];
        Submit(first, 1, "a");
        Assert.Empty(_cluster.Settled);

        _cluster.Loses = request => request.To == _cluster.Ids[2];
        Assert.Equal("a b", AgreementCluster.Text(_cluster.Insist(second, AgreementCluster.Change(11, 1, "b")).Value));
        Assert.Equal("a b", AgreementCluster.Text(_cluster.Insist(second, AgreementCluster.Change(10, 1, "a")).Value));
    }

    [Fact]
    public void A_change_that_is_sent_again_gets_its_first_answer_and_happens_once()
    {
        var (first, second) = (_cluster.Proposer(10), _cluster.Proposer(11));
        var answer = Submit(first, 1, "a").Result.ToArray();

        var again = _cluster.Insist(second, AgreementCluster.Change(10, 1, "a"));

        Assert.Equal((Verdict.Decided, "a"), (again.Verdict, AgreementCluster.Text(again.Value)));
        Assert.Equal(answer, again.Result.ToArray());
    }

    [Fact]
    public void A_change_that_its_client_gave_up_is_void()
    {
        var proposer = _cluster.Proposer(10);
        _cluster.Submit(proposer, AgreementCluster.Change(10, 5, "e", first: 5));

        Assert.Equal(Verdict.Void, Submit(proposer, 4, "d").Verdict);
        Assert.Equal("e", AgreementCluster.Text(proposer.Chosen));
    }

    [Fact]
    public void Without_a_majority_a_change_times_out()
    {
        var proposer = _cluster.Proposer(10);
        _cluster.Deaf.UnionWith(_cluster.Ids[1..3]);
        Submit(proposer, 1, "a");

        _cluster.Pass(TimeSpan.FromSeconds(11));

        Assert.Equal(Verdict.TimedOut, Assert.Single(_cluster.Settled).Verdict);
        Assert.Equal(0, proposer.Waiting);
        _cluster.Deaf.Clear();
        Assert.Equal(Verdict.Decided, Submit(proposer, 2, "b").Verdict);
    }

    [Fact]
    public void A_refusal_with_another_acceptor_down_ends_the_round()
    {
        var (first, second) = (_cluster.Proposer(10), _cluster.Proposer(11));
        _cluster.Deaf.Add(_cluster.Ids[2]);
        Submit(first, 1, "a");
        _cluster.Loses = request => request.To != _cluster.Ids[0];
        _cluster.Submit(second, AgreementCluster.Change(11, 1, "b")); // promised by the first acceptor only, and gone
        _cluster.Loses = request => request.To == _cluster.Ids[0] && request is Prepare { Ballot.Proposer: var by } && by.Id == AgreementCluster.Life(11).Id;

        Submit(first, 2, "c");
        _cluster.Pass(AgreementCluster.Timing.Resend * 2);

        Assert.Contains(_cluster.Settled, settled => settled.Verdict == Verdict.NotLeader);
        Assert.Equal(Verdict.Decided, Submit(first, 2, "c").Verdict);
    }

    [Fact]
    public void An_acceptor_that_promised_a_rival_takes_part_again()
    {
        var (first, second) = (_cluster.Proposer(10), _cluster.Proposer(11));
        Submit(first, 1, "a");
        _cluster.Loses = request => request.To != _cluster.Ids[2];
        _cluster.Submit(second, AgreementCluster.Change(11, 1, "x"));
        _cluster.Loses = request => request is Prepare;
        for (ulong i = 2; i < 6; i++)
        {
            Submit(first, i, $"v{i}");
        }

        Assert.Equal("a v2 v3 v4 v5", AgreementCluster.Text(_cluster[2].Value));
    }

    [Fact]
    public void A_stray_reply_of_a_stranger_does_no_harm()
    {
        var proposer = _cluster.Proposer(10);
        var elsewhere = Configuration.Of(9, [AgreementCluster.Id(9)]);
        _cluster.Loses = request => request is Accept;
        Submit(proposer, 1, "a");
        for (ulong tag = 0; tag < 8; tag++)
        {
            foreach (var reply in new AcceptorReply[] { new Installed(proposer.Register), new NeedsBase(Ballot.None, Position.Nowhere), new Accepted(Ballot.None), new Staged(Position.Nowhere), new Absent(AgreementCluster.Id(9), default, null), new Moved(proposer.Register with { Epoch = 9 }, elsewhere) })
            {
                proposer.OnReply(_cluster.Now, reply with { From = AgreementCluster.Id(9), Tag = tag });
            }
        }

        _cluster.Loses = _ => false;
        _cluster.Pass(AgreementCluster.Timing.Resend);
        Assert.Equal(Verdict.Decided, Assert.Single(_cluster.Settled).Verdict);
    }

    [Fact]
    public void Idle_sessions_are_forgotten()
    {
        var proposer = _cluster.Proposer(10);
        Submit(proposer, 1, "a");
        for (ulong i = 1; i < 30; i++)
        {
            _cluster.Pass(AgreementCluster.Timing.SessionRetention / 8);
            _cluster.Submit(proposer, AgreementCluster.Change(20, i, $"v{i}", first: i));
        }

        Assert.False(proposer.Chosen!.Sessions.Contains(AgreementCluster.Life(10)));
        Assert.True(proposer.Chosen.Sessions.Contains(AgreementCluster.Life(20)));
        Assert.Single(proposer.Chosen.Sessions.All.Single().Value.Results);
    }

    private Settled Submit(Proposer proposer, ulong sequence, string text) => _cluster.Submit(proposer, AgreementCluster.Change(10, sequence, text));
}
