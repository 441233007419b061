using Gossip.Agreement;
using Xunit;

namespace Gossip.Tests.Agreement;

public sealed class HistoryTests
{
    private const int LargeBody = 64 * 1024;
    private const int MostBytes = 1024 * 1024 + LargeBody;

    /// <summary>What is sent must fit one frame: whoever is far behind large changes gets the value.</summary>
    [Fact]
    public void Large_batches_are_not_kept_beyond_what_may_be_sent()
    {
        var history = new History();
        var cluster = new AgreementCluster(acceptors: 1, seats: 1);
        var value = cluster.Opening;
        List<RegisterValue> values = [value];
        for (var i = 1UL; i <= 64; i++)
        {
            var batch = new Batch { Changes = [new Change(new ChangeId(AgreementCluster.Life(9), i), i, new byte[LargeBody])] };
            var next = new RegisterValue
            {
                Lineage = value.Lineage,
                Configuration = value.Configuration,
                Position = value.Position.After(batch),
                Sessions = value.Sessions,
                State = value.State,
            };
            history.Add(new News(value.Position, [batch], null, next.Position));
            values.Add(value = next);
        }

        foreach (var held in values)
        {
            var news = history.Since(held.Position, value);
            Assert.InRange(news.Batches.Sum(batch => batch.Encoded.Length), 0, MostBytes);
        }

        Assert.Null(history.Since(values[^2].Position, value).Full);
        Assert.Null(history.Since(values[^10].Position, value).Full);
        Assert.NotNull(history.Since(values[0].Position, value).Full);
    }

    [Fact]
    public void Only_so_many_bytes_of_changes_wait_at_a_proposer()
    {
        var cluster = new AgreementCluster(acceptors: 3, seats: 3);
        cluster.Deaf.UnionWith(cluster.Ids);
        var desk = new ProposalDesk(cluster.Proposer(1), AgreementCluster.Timing);
        const int Large = 3 * 1024 * 1024;
        ProposalAnswer? refused = null;
        var taken = 0;
        for (; refused is null; taken++)
        {
            var change = new Change(new ChangeId(AgreementCluster.Life(9), (ulong)taken + 1), 1, new byte[Large]);
            refused = desk.Submit(cluster.Now, new Proposal(change, TimeSpan.FromSeconds(5), Insist: true, Position.Nowhere));
            Assert.True(taken < 64);
        }

        Assert.Equal(Verdict.Busy, refused.Verdict);
        Assert.InRange(taken, 8, 12);
    }

    /// <summary>A transport throws for it, which would end the agreement of the node.</summary>
    [Fact]
    public void What_fits_no_frame_is_not_handed_to_the_transport()
    {
        var links = new Gossip.Node.AgreementLinks(null!, null!, null!, AgreementCluster.Life(1), null!, Gossip.Tables.TableFormat.Instance);
        var large = new ProposalAnswer(new ChangeId(AgreementCluster.Life(2), 1), Verdict.Decided, new byte[Gossip.Messaging.MessageLimits.MaxFrameSize]);
        Assert.False(links.Send(large));
    }
}
