using Gossip.Agreement;
using Gossip.Tables;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>Which of the values that are left a successor begins with: whatever was chosen and is held by anybody within reach is kept.</summary>
public sealed class HeritageTests
{
    private static readonly Ballot Low = new(3, AgreementCluster.Life(1));
    private static readonly Ballot High = new(4, AgreementCluster.Life(2));

    [Fact]
    public void An_attempt_that_was_never_chosen_does_not_win_by_its_revision()
    {
        var attempt = Tells(2, Low, revision: 9);
        var chosen = Tells(3, High, revision: 7);
        Assert.Equal(chosen, Search(attempt, chosen));
        Assert.Equal(chosen, Search(chosen, attempt));
    }

    [Fact]
    public void A_later_epoch_goes_before_any_ballot()
    {
        var opened = Tells(3, Ballot.None, revision: 8) with { Register = new RegisterId(LonelyEngine.Lineage.Incarnation, 2) };
        Assert.Equal(opened, Search(Tells(2, High, revision: 9), opened));
    }

    [Fact]
    public void A_store_that_voted_for_a_successor_still_knows_the_ballot_of_what_it_held()
    {
        var list = new FoundingList("cluster", ["a", "b"], LonelyEngine.Lineage.Incarnation);
        var acceptor = new Acceptor(Acceptor(2));
        acceptor.Apply(new InstallRecord(High, LonelyEngine.Value));
        Assert.NotNull(acceptor.Bind(list.Id, list.SeatAt(0), RegisterValue.Unfounded(list.Configuration, TableState.Empty), LonelyEngine.Lineage));
        Assert.Equal((LonelyEngine.Value, High, Ballot.None), (acceptor.Before, acceptor.BeforeBallot, acceptor.AcceptedBallot));

        var again = Gossip.Agreement.Acceptor.Restore(Acceptor(2), [acceptor.Checkpoint()]);
        Assert.Equal((LonelyEngine.Value, High), (again.Before, again.BeforeBallot));
    }

    [Fact]
    public void Whoever_only_read_knows_the_ballot_of_what_it_read()
    {
        var cluster = new EngineCluster(5);
        for (var node = 0; node < 3; node++)
        {
            cluster.Start(node, Listed(3));
        }

        cluster.Start(3, FoundingPlan.Never);
        cluster.Run(10);
        Assert.True(cluster.Insert(0, "a"));
        Assert.Equal("a", cluster.Keys(3));

        var reader = cluster[3];
        var inquiry = new Inquiry(WantsValue: true) { Register = new RegisterId(reader.Engine.Lineage.Incarnation, 0), To = reader.Setup.Acceptor, Tag = 1 };
        reader.Engine.OnRequest(cluster.Now, cluster[0].Setup.Self, inquiry);
        var testimony = reader.Outbox.Replies.Select(reply => reply.Reply).OfType<Testimony>().Single();
        Assert.False(testimony.Accepted.IsNone);
        Assert.Contains(cluster.Members.Values, member => member.Engine.Acceptor.AcceptedBallot == testimony.Accepted);
    }

    [Fact]
    public void Whoever_knows_of_later_acceptors_says_so_even_if_it_holds_nothing_of_them()
    {
        var later = Configuration.Of(5, [Acceptor(6), Acceptor(7), Acceptor(8)]);
        var witness = new LonelyEngine(3, hasSeat: false);
        witness.Hears(LonelyEngine.Here(6, tells: later));
        var told = witness.Testimony();
        Assert.Equal((later, Position.Nowhere), (told.Configuration, told.Position));

        var asker = new LonelyEngine(2);
        asker.Hears(LonelyEngine.Here(3));
        var inquiry = Assert.Single(asker.Survey(recovers: false));
        asker.Engine.OnReply(asker.Now, told.From.Node, told with { Tag = inquiry.Tag });
        Assert.Equal(later, asker.Engine.Configuration);
    }

    private static Testimony Tells(int node, Ballot ballot, long revision) =>
        new(LonelyEngine.Value.Id(default), ballot, new Position(revision, 1), 0, default, null, LonelyEngine.Value) { From = Acceptor(node), Tag = 1 };

    private static Testimony? Search(Testimony own, Testimony other)
    {
        var search = new HeritageSearch(LonelyEngine.Lineage.Incarnation, 1, new SuccessionTiming(), own);
        AgreementPeer[] peers = [LonelyEngine.Here(2), LonelyEngine.Here(3)];
        Assert.Null(search.Look(0, peers, [], fetch: true));
        Assert.True(search.OnReply(other));
        return search.Look(1, peers, [], fetch: true);
    }
}
