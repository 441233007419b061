using System.Text;
using Gossip.Agreement;
using Gossip.Node;
using Xunit;

namespace Gossip.Tests.Agreement;

/// <summary>How a client's changes find a proposer, and end. No acceptor is needed: the tests answer in the proposers' place.</summary>
public sealed class RegisterClientTests
{
    private static readonly ClientTiming Timing = new();
    private static readonly NodeInstance Self = AgreementCluster.Life(9);
    private static readonly long Deadline = TimeSpan.FromSeconds(30).Ticks;
    private static readonly NodeId A = new(1), B = new(2), C = new(3);

    private readonly ClientOutbox _outbox = new();
    private readonly RegisterClient _client;
    private long _now;

    public RegisterClientTests() => _client = new RegisterClient(Self, Timing, new SeededRandom(5), _outbox);

    [Fact]
    public void A_change_is_sent_and_its_answer_comes_back()
    {
        Follow();
        var sent = Change(7);

        Assert.Equal((A, false, "7"), (sent.To, sent.Proposal.Insist, Encoding.ASCII.GetString(sent.Proposal.Change.Body.Span)));
        Answer(A, sent, Verdict.Decided, "yes");
        var result = Assert.Single(_outbox.Results);
        Assert.Equal((7, ClientStatus.Done, "yes"), (result.Ticket, result.Status, Encoding.ASCII.GetString(result.Result.Span)));
        Assert.Equal((0, long.MaxValue), (_client.Waiting, _client.NextDeadline));

        Answer(A, sent, Verdict.Decided, "no");
        Assert.Single(_outbox.Results);
    }

    [Fact]
    public void Who_decided_is_asked_first_from_then_on()
    {
        Follow();
        Answer(A, Change(1), Verdict.NotLeader, leader: C);
        var hop = TakeOne();
        Assert.Equal((C, false), (hop.To, hop.Proposal.Insist));
        Answer(C, hop, Verdict.Decided);

        Assert.Equal(C, Change(2).To);
    }

    [Fact]
    public void Two_that_name_each_other_are_not_asked_in_a_circle()
    {
        Follow();
        var sent = Change(1);
        var id = sent.Proposal.Change.Id;
        var hops = 0;
        for (; sent.Proposal is not null; hops++)
        {
            Answer(sent.To, sent, Verdict.NotLeader, leader: sent.To == A ? B : A);
            sent = Take().SingleOrDefault();
        }

        Assert.InRange(hops, 2, 5);
        Assert.True(_client.NextDeadline >= _now + Timing.BusyDelay.Ticks);
        sent = TickOne();
        Assert.Equal((true, id), (sent.Proposal.Insist, sent.Proposal.Change.Id)); // somebody has to take over
    }

    [Fact]
    public void Who_names_itself_or_nobody_is_passed_over_after_a_pause()
    {
        Follow();
        Answer(A, Change(1), Verdict.NotLeader, leader: A);
        Assert.Empty(Take());
        var sent = TickOne();
        Assert.Equal((B, true), (sent.To, sent.Proposal.Insist));

        Answer(B, sent, Verdict.Unfounded);
        Assert.Equal(C, TickOne().To);
    }

    [Fact]
    public void A_late_word_of_who_is_not_asked_any_more_changes_nothing()
    {
        Follow();
        var sent = Change(1);
        var second = TickOne();
        Answer(A, sent, Verdict.NotLeader, leader: C);
        Answer(A, sent, Verdict.Busy);
        Assert.Empty(Take());

        Answer(A, sent, Verdict.Decided, "yes");
        Assert.Equal(B, second.To);
        Assert.Equal(ClientStatus.Done, Assert.Single(_outbox.Results).Status);
    }

    [Fact]
    public void Who_cannot_be_reached_is_passed_over_at_once()
    {
        Follow();
        var sent = Change(1);
        _client.OnUnreachable(_now, C);
        Assert.Empty(Take());
        _client.OnUnreachable(_now, A);
        var next = TakeOne();
        Assert.Equal((B, true, sent.Proposal.Change.Id), (next.To, next.Proposal.Insist, next.Proposal.Change.Id));
    }

    [Fact]
    public void When_nobody_can_be_reached_it_waits()
    {
        Follow();
        var sent = Change(1);
        var tries = 0;
        for (; sent.Proposal is not null; tries++)
        {
            _client.OnUnreachable(_now, sent.To);
            sent = Take().SingleOrDefault();
        }

        Assert.InRange(tries, 3, 5);
        Assert.True(_client.NextDeadline > _now);
        Assert.True(TickOne().Proposal.Insist);
    }

    [Fact]
    public void The_wait_doubles_while_nobody_answers()
    {
        Follow();
        var sent = Change(1);
        List<NodeId> asked = [sent.To];
        var wait = Timing.Patience;
        for (var i = 0; i < 8; i++)
        {
            Assert.InRange(_client.NextDeadline - _now, wait.Ticks, wait.Ticks * 3 / 2);
            var next = TickOne();
            Assert.Equal((sent.Proposal.Change.Id, true), (next.Proposal.Change.Id, next.Proposal.Insist));
            asked.Add(next.To);
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, Timing.PatienceMax.Ticks));
        }

        Assert.Equal([A, B, C, A, B, C, A, B, C], asked);
    }

    [Fact]
    public void A_change_that_was_sent_may_have_happened()
    {
        Follow();
        Change(1);
        _now = Deadline;
        _client.OnTick(_now);

        Assert.Equal(ClientStatus.Unknown, Assert.Single(_outbox.Results).Status);
        Assert.Empty(Take());
        Assert.Equal(long.MaxValue, _client.NextDeadline);
    }

    [Fact]
    public void A_change_that_was_never_sent_did_not_happen()
    {
        _client.Change(_now, 1, "1"u8.ToArray(), Deadline);
        Assert.Equal(Deadline, _client.NextDeadline);
        _now = Deadline;
        Follow();
        Assert.Empty(Take());
        _client.OnTick(_now);

        Assert.Equal(ClientStatus.NotSent, Assert.Single(_outbox.Results).Status);
    }

    [Fact]
    public void A_busy_proposer_is_asked_again_later()
    {
        Follow();
        var sent = Change(1);
        Answer(A, sent, Verdict.Busy);
        Assert.Empty(Take());
        Assert.InRange(_client.NextDeadline - _now, Timing.BusyDelay.Ticks, 2 * Timing.BusyDelay.Ticks);
        var again = TickOne();
        Assert.Equal((A, false, sent.Proposal.Change.Id), (again.To, again.Proposal.Insist, again.Proposal.Change.Id));
        Assert.InRange(_client.NextDeadline - _now, Timing.Patience.Ticks, Timing.Patience.Ticks * 3 / 2); // it answered
    }

    [Fact]
    public void A_change_that_found_no_room_until_its_deadline_says_so()
    {
        Follow();
        Answer(A, Change(1), Verdict.Busy);
        _client.OnTick(Deadline);
        var result = Assert.Single(_outbox.Results);
        Assert.Equal((ClientStatus.Unknown, true), (result.Status, result.WasBusy));
    }

    [Fact]
    public void A_change_whose_result_was_forgotten_ends_at_once()
    {
        Follow();
        Answer(A, Change(1), Verdict.Void);

        Assert.Equal(ClientStatus.Unknown, Assert.Single(_outbox.Results).Status);
        Assert.Equal((0, long.MaxValue), (_client.Waiting, _client.NextDeadline));
    }

    [Fact]
    public void Each_change_says_what_its_client_still_waits_for()
    {
        Follow();
        var (first, second, third) = (Change(1), Change(2), Change(3));
        Assert.Equal([1, 1, 1], new[] { first, second, third }.Select(sent => (int)sent.Proposal.Change.FirstOutstanding));

        Answer(A, second, Verdict.Decided);
        Assert.Equal(1UL, Change(4).Proposal.Change.FirstOutstanding);
        Answer(A, first, Verdict.Decided);
        Assert.Equal(3UL, Change(5).Proposal.Change.FirstOutstanding);

        _now = _client.NextDeadline;
        _client.OnTick(_now);
        Assert.All(Take(), sent => Assert.Equal(3UL, sent.Proposal.Change.FirstOutstanding));
    }

    [Fact]
    public void Who_learns_of_a_later_epoch_asks_there()
    {
        _client.Change(_now, 1, "1"u8.ToArray(), Deadline);
        Assert.Empty(Take());
        Follow();
        var sent = TakeOne();
        Follow();
        Assert.Empty(Take());

        Follow(epoch: 2, seats: [2, 3]);
        var next = TakeOne();
        Assert.Equal((B, sent.Proposal.Change.Id, false), (next.To, next.Proposal.Change.Id, next.Proposal.Insist));

        Follow(epoch: 1);
        _client.Follow(_now, new RegisterId(Guid.AllBitsSet, 0), Configuration.Of(0, [AgreementCluster.Id(1)]));
        Assert.Empty(Take());
        Assert.Equal(2, _client.Register.Epoch);
    }

    [Fact]
    public void The_end_ends_all_that_waits()
    {
        Follow();
        Change(1);
        _client.Read(_now, 2, Deadline);
        _client.Stop();

        Assert.Equal([(1, ClientStatus.Abandoned), (2, ClientStatus.Stopped)], _outbox.Results.Select(result => (result.Ticket, result.Status)));
        Assert.Equal((0, long.MaxValue), (_client.Waiting, _client.NextDeadline));
    }

    [Fact]
    public void A_change_that_was_not_sent_before_the_end_did_not_happen()
    {
        _client.Change(_now, 1, new byte[1], Deadline);
        _client.Stop();
        Assert.Equal(ClientStatus.Stopped, Assert.Single(_outbox.Results).Status);
    }

    private void Follow(long epoch = 1, params int[] seats) =>
        _client.Follow(_now, new RegisterId(AgreementCluster.Incarnation, epoch), Configuration.Of(epoch, (seats.Length == 0 ? [1, 2, 3] : seats).Select(seat => AgreementCluster.Id(seat))));

    private (NodeId To, Proposal Proposal) Change(long ticket)
    {
        _client.Change(_now, ticket, Encoding.ASCII.GetBytes($"{ticket}"), Deadline);
        return TakeOne();
    }

    private void Answer(NodeId from, (NodeId To, Proposal Proposal) sent, Verdict verdict, string result = "", NodeId leader = default) =>
        _client.OnAnswer(_now, from, new ProposalAnswer(sent.Proposal.Change.Id, verdict, Encoding.ASCII.GetBytes(result), new NodeInstance(leader, 1)));

    private (NodeId To, Proposal Proposal) TickOne()
    {
        _now = _client.NextDeadline;
        _client.OnTick(_now);
        return TakeOne();
    }

    private (NodeId To, Proposal Proposal) TakeOne() => Assert.Single(Take());

    private List<(NodeId To, Proposal Proposal)> Take()
    {
        var sent = _outbox.Proposals.ToList();
        _outbox.Proposals.Clear();
        return sent;
    }
}
