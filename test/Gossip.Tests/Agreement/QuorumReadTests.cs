using Gossip.Agreement;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class QuorumReadTests
{
    private readonly AgreementCluster _cluster = new(acceptors: 3, seats: 3);

    [Fact]
    public void A_majority_that_holds_the_same_tells_the_value()
    {
        _cluster.Submit(_cluster.Proposer(10), AgreementCluster.Change(10, 1, "a"));

        Assert.Equal((ReadStatus.Current, "a"), Read(null, nearest: 0, 0, 1));
        Assert.Equal((ReadStatus.Pending, "?"), Read(null, nearest: 0, 0));
        Assert.Equal((ReadStatus.Pending, "?"), Read(null, nearest: 2, 0, 1));
        Assert.Equal((ReadStatus.Current, "a"), Read(_cluster[0].Value, nearest: 2, 0, 1));
    }

    [Fact]
    public void A_change_under_way_leaves_it_undecided()
    {
        var proposer = _cluster.Proposer(10);
        _cluster.Submit(proposer, AgreementCluster.Change(10, 1, "a"));
        _cluster.Loses = request => request.To != _cluster.Ids[0];
        _cluster.Submit(proposer, AgreementCluster.Change(10, 2, "b"));

        Assert.Equal(ReadStatus.Current, Read(null, nearest: 1, 1, 2).Status);
        Assert.Equal(ReadStatus.Pending, Read(null, nearest: 0, 0, 1).Status);
        Assert.Equal((ReadStatus.Missing, "?"), Read(null, nearest: 0, 0, 1, 2));
    }

    [Fact]
    public void Three_that_all_differ_leave_it_undecided()
    {
        for (var i = 0; i < 3; i++)
        {
            var proposer = _cluster.Proposer(10 + i);
            _cluster.Loses = request => request is Accept && request.To != _cluster.Ids[i];
            _cluster.LosesReply = reply => reply is Promise && (reply.From == _cluster.Ids[(i + 2) % 3]);
            _cluster.Submit(proposer, AgreementCluster.Change(10 + i, 1, $"v{i}"));
        }

        Assert.Equal(ReadStatus.Undecided, Read(null, nearest: 0, 0, 1, 2).Status);
    }

    [Fact]
    public void A_sealed_value_is_not_current()
    {
        var proposer = _cluster.Proposer(10);
        _cluster.Submit(proposer, AgreementCluster.Change(10, 1, "a"));
        _cluster.Loses = request => request is Install;
        proposer.TryReconfigure(0, _cluster.Ids[..1]);
        _cluster.Run();

        Assert.Equal((ReadStatus.Moved, "a"), Read(null, nearest: 0, 0, 1));
    }

    private (ReadStatus Status, string Text) Read(RegisterValue? known, int nearest, params int[] answering)
    {
        List<AcceptorRequest> requests = [];
        var read = QuorumRead.Begin(_cluster.Opening.Id(default), _cluster.Opening.Configuration, known, _cluster.Ids[nearest], 3, requests);
        var (status, value) = (ReadStatus.Pending, default(RegisterValue));
        foreach (var i in answering)
        {
            _cluster[i].Handle(requests.Find(request => request.To == _cluster.Ids[i])!, out var reply);
            status = read.OnReply(reply, out value);
        }

        return (status, AgreementCluster.Text(value));
    }
}
