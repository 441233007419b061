using Gossip.Agreement;
using Gossip.Node;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>What a client reads from real acceptors, and through a real proposer when they do not agree.</summary>
public sealed class RegisterClientReadTests
{
    private static readonly ClientTiming Timing = new();
    private static readonly long Deadline = TimeSpan.FromSeconds(30).Ticks;

    private readonly AgreementCluster _cluster = new(acceptors: 4, seats: 3);
    private readonly ClientOutbox _outbox = new();
    private readonly RegisterClient _client;
    private readonly Proposer _writer;
    private ulong _written;
    private long _now;

    public RegisterClientReadTests()
    {
        _client = new RegisterClient(AgreementCluster.Life(9), Timing, new SeededRandom(5), _outbox);
        _client.Follow(_now, _cluster.Opening.Id(default), _cluster.Opening.Configuration);
        _writer = _cluster.Proposer(10);
    }

    [Fact]
    public void Who_asks_before_a_look_begins_is_served_by_it_and_who_asks_later_by_the_next()
    {
        Write("a");
        _client.Read(_now, 1, Deadline);
        var first = Take();
        Assert.Equal(3, first.Count);
        var early = Reply(first[2]);

        Write("b");
        _client.Read(_now, 2, Deadline);
        _client.Read(_now, 3, Deadline);
        Assert.Empty(Take());
        _client.OnReply(_now, early);
        Hear(first[..2]);
        Assert.Equal(["1=a b"], Results());

        var second = Take();
        Assert.Equal(3, second.Count);
        Write("c");
        Hear(second);
        Assert.Equal(["2=a b c", "3=a b c"], Results());
        Assert.Equal(long.MaxValue, _client.NextDeadline);
    }

    [Fact]
    public void Replies_to_an_earlier_look_do_not_serve_a_later_one()
    {
        Write("a");
        _client.Read(_now, 1, Deadline);
        var stale = Take().ConvertAll(Reply);
        Write("b");
        Tick();
        _client.Read(_now, 2, Deadline);
        var look = Take();
        stale.ForEach(reply => _client.OnReply(_now, reply));
        Assert.Empty(Results());

        Hear(look);
        Assert.Equal(["1=a b"], Results());
    }

    [Fact]
    public void A_look_that_nobody_answers_is_repeated_after_longer_and_longer()
    {
        _client.Read(_now, 1, Deadline);
        var wait = Timing.Patience;
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(wait.Ticks, _client.NextDeadline - _now);
            Assert.Equal(3, Take().Count);
            Tick();
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, Timing.PatienceMax.Ticks));
        }

        Assert.Empty(_outbox.Proposals);
    }

    /// <summary>The node was paused while its register was succeeded; then the answer comes that it still waited for.</summary>
    [Fact]
    public void A_late_answer_of_a_register_that_was_succeeded_serves_no_read()
    {
        Disagree();
        _client.Read(_now, 1, Deadline);
        Hear(Take());
        var (to, proposal) = TakeProposal();
        var answer = Propose(proposal);

        var child = new RegisterId(Guid.NewGuid(), 1);
        _client.Follow(_now, child, Configuration.Of(1, [AgreementCluster.Id(3)]));
        _client.OnAnswer(_now, to, answer);
        Assert.Empty(Results());
        Assert.Equal(child, _client.Register);
        var looks = Take();
        Assert.NotEmpty(looks);
        Assert.All(looks, request => Assert.Equal((child, AgreementCluster.Id(3)), (request.Register, request.To)));
    }

    [Fact]
    public void Who_did_not_answer_is_named()
    {
        _client.Read(_now, 1, Deadline);
        Hear(Take()[1..2]);
        _now = Deadline;
        _client.OnTick(_now);

        var result = Assert.Single(_outbox.Results);
        Assert.Equal(ClientStatus.NotSent, result.Status);
        Assert.Equal([_cluster.Ids[0], _cluster.Ids[2]], result.Silent!.Order(Comparer<AcceptorId>.Create((a, b) => a.Node.CompareTo(b.Node))));
        Assert.Equal((0, long.MaxValue), (_client.Waiting, _client.NextDeadline));
    }

    [Fact]
    public void What_the_one_who_was_asked_for_it_lacks_is_asked_of_another_at_once()
    {
        Write("a");
        _cluster.Loses = request => request.To == _cluster.Ids[0];
        Write("b");
        _client.Read(_now, 1, Deadline);
        for (var look = 0; look < 3 && _outbox.Results.Count == 0; look++)
        {
            Hear(Take());
        }

        Assert.Equal(["1=a b"], Results());
        Assert.Equal(0, _now);
    }

    [Fact]
    public void When_all_differ_a_round_tells()
    {
        Disagree();
        _client.Read(_now, 1, Deadline);
        Hear(Take());
        var (_, proposal) = TakeProposal();
        Assert.True(proposal.Change.Body.IsEmpty);

        _client.Read(_now, 2, Deadline);
        Assert.Empty(Take()); // the round may have begun already
        var answer = Propose(proposal);
        _client.OnAnswer(_now, AgreementCluster.Id(1).Node, answer);
        Assert.StartsWith("1=v", Assert.Single(Results()), StringComparison.Ordinal);

        Hear(Take());
        Assert.StartsWith("2=v", Assert.Single(Results()), StringComparison.Ordinal);
        Assert.Equal((0, long.MaxValue), (_client.Waiting, _client.NextDeadline));
    }

    [Fact]
    public void A_late_reply_does_not_end_the_wait_for_the_round()
    {
        Disagree();
        _client.Read(_now, 1, Deadline);
        var look = Take();
        Hear(look);
        var (_, proposal) = TakeProposal();
        var answer = Propose(proposal);
        Hear(look); // a second copy of each, and by now they agree
        _client.Read(_now, 2, Deadline);
        Assert.Empty(Take());

        Write("later");
        _client.OnAnswer(_now, AgreementCluster.Id(1).Node, answer);
        Assert.DoesNotContain("later", Assert.Single(Results()), StringComparison.Ordinal);
        Hear(Take());
        Assert.Contains("later", Assert.Single(Results()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_round_without_news_leads_to_another_look(bool isDecided)
    {
        Disagree();
        _client.Read(_now, 1, Deadline);
        Hear(Take());
        var (to, proposal) = TakeProposal();
        var answer = Propose(proposal);
        _client.OnAnswer(_now, to, answer with { Verdict = isDecided ? Verdict.Decided : Verdict.Void, News = null });
        Assert.Empty(Results());

        Hear(Take());
        Assert.StartsWith("1=v", Assert.Single(Results()), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_of_three_that_differ_are_settled_though_the_third_is_dead()
    {
        Disagree();
        _client.Read(_now, 1, Deadline);
        Hear(Take()[1..]);
        Assert.Empty(_outbox.Proposals);
        Tick();
        var (to, proposal) = TakeProposal();
        _client.OnAnswer(_now, to, Propose(proposal));

        Assert.StartsWith("1=v", Assert.Single(Results()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_cannot_be_reached_is_not_waited_for_when_the_others_differ(bool isToldFirst)
    {
        Disagree();
        _client.Read(_now, 1, Deadline);
        var look = Take();
        if (isToldFirst)
        {
            _client.OnUnreachable(_now, _cluster.Ids[0].Node);
        }

        Hear(look[1..2]);
        Assert.Empty(_outbox.Proposals); // the third may yet agree with the second
        Hear(look[2..]);
        if (!isToldFirst)
        {
            Assert.Empty(_outbox.Proposals);
            _client.OnUnreachable(_now, _cluster.Ids[0].Node);
        }

        var (to, proposal) = TakeProposal();
        _client.OnAnswer(_now, to, Propose(proposal));
        Assert.StartsWith("1=v", Assert.Single(Results()), StringComparison.Ordinal);
        Assert.Equal(0, _now);
    }

    [Fact]
    public void A_value_is_asked_of_another_at_once_when_who_was_asked_for_it_cannot_be_reached()
    {
        Write("a");
        _client.Read(_now, 1, Deadline);
        for (var look = 0; look < 2 && _outbox.Results.Count == 0; look++)
        {
            var requests = Take();
            Hear(requests.Where(request => request.To != _cluster.Ids[0]).ToList());
            _client.OnUnreachable(_now, _cluster.Ids[0].Node);
        }

        Assert.Equal(["1=a"], Results());
        Assert.Equal(0, _now);
    }

    /// <summary>Seen in the world of seed 5068: whoever opened the epoch died early, all users only read, and so nobody ever opened it for the rest.</summary>
    [Fact]
    public void An_epoch_that_most_were_not_told_of_is_opened_by_a_round()
    {
        _cluster.Replace(1, new Acceptor(_cluster.Ids[1]));
        _cluster.Replace(2, new Acceptor(_cluster.Ids[2]));
        _client.Read(_now, 1, Deadline);
        Hear(Take());
        Tick();

        Assert.True(TakeProposal().Proposal.Change.Body.IsEmpty);
    }

    [Fact]
    public void A_sealed_epoch_is_read_through_who_opens_the_next()
    {
        Write("a");
        _cluster.Loses = request => request is Install;
        _writer.TryReconfigure(0, _cluster.Ids[1..]);
        _cluster.Run();
        _client.Read(_now, 1, Deadline);
        Hear(Take());
        var (to, proposal) = TakeProposal();

        _cluster.Loses = _ => false;
        _client.OnAnswer(_now, to, Propose(proposal));
        Assert.Equal(["1=a"], Results());
        Assert.Equal(2, _client.Register.Epoch);
        Assert.Equal(_cluster.Ids[1..], _client.Configuration!.Acceptors);
    }

    [Fact]
    public void Who_looks_at_an_old_epoch_is_sent_to_the_new_one()
    {
        Write("a");
        _client.Read(_now, 1, Deadline);
        var look = Take();
        _writer.TryReconfigure(0, _cluster.Ids[1..]);
        _cluster.Run();
        Hear(look);
        Assert.Equal(2, _client.Register.Epoch);

        Hear(Take());
        Assert.Equal(["1=a"], Results());
    }

    [Fact]
    public void The_desk_gives_the_news_since_what_the_client_holds()
    {
        Write("a");
        _client.Read(_now, 1, Deadline);
        Hear(Take());
        var held = _client.Known!;
        Write("b");
        var (desk, settled) = (new ProposalDesk(_writer, AgreementCluster.Timing), _cluster.Settled);
        settled.Clear();
        var ask = new Proposal(new Change(new ChangeId(AgreementCluster.Life(8), 1), 1, default), TimeSpan.FromSeconds(1), Insist: true, held.Position);
        desk.Submit(_cluster.Now, ask);
        _cluster.Run();
        var answer = desk.Answer(Assert.Single(settled));

        Assert.Null(answer.News!.Full);
        Assert.Equal("a b", AgreementCluster.Text(answer.News.From(held)));
        Assert.Equal(0, desk.Waiting);
    }

    private static string Name(ClientResult result) => $"{result.Ticket}={(result.Status == ClientStatus.Done ? AgreementCluster.Text(result.Value) : result.Status)}";

    private void Write(string text) => Assert.Equal(Verdict.Decided, _cluster.Insist(_writer, AgreementCluster.Change(10, ++_written, text)).Verdict);

    /// <summary>Each acceptor holds what another proposer wanted, and nothing was chosen.</summary>
    private void Disagree()
    {
        for (var i = 0; i < 3; i++)
        {
            var proposer = _cluster.Proposer(11 + i);
            var (heard, unheard) = (_cluster.Ids[i], _cluster.Ids[(i + 2) % 3]);
            _cluster.Loses = request => request is Accept && request.To != heard;
            _cluster.LosesReply = reply => reply is Promise && reply.From == unheard;
            _cluster.Submit(proposer, AgreementCluster.Change(11 + i, 1, $"v{i}"));
        }

        (_cluster.Loses, _cluster.LosesReply) = (_ => false, _ => false);
    }

    private ProposalAnswer Propose(Proposal proposal)
    {
        var settled = _cluster.Insist(_writer, proposal.Change);
        Assert.NotNull(settled.Value);
        return new ProposalAnswer(proposal.Change.Id, settled.Verdict, settled.Result, default, _writer.NewsSince(proposal.Known, settled.Value));
    }

    private AcceptorReply Reply(AcceptorRequest request)
    {
        _cluster[_cluster.Ids.IndexOf(request.To)].Handle(request, out var reply);
        return reply;
    }

    private void Hear(List<AcceptorRequest> requests) => requests.ForEach(request => _client.OnReply(_now, Reply(request)));

    private void Tick()
    {
        _now = _client.NextDeadline;
        _client.OnTick(_now);
    }

    private List<AcceptorRequest> Take()
    {
        var sent = _outbox.Requests.ToList();
        _outbox.Requests.Clear();
        return sent;
    }

    private (NodeId To, Proposal Proposal) TakeProposal()
    {
        var sent = Assert.Single(_outbox.Proposals);
        _outbox.Proposals.Clear();
        return sent;
    }

    private List<string> Results()
    {
        var results = _outbox.Results.ConvertAll(Name);
        _outbox.Results.Clear();
        return results;
    }
}
