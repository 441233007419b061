using Gossip.Agreement;
using Gossip.Tables;
using Gossip.Tests.Agreement.Founding;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>A store that voted for a successor has forgotten what it promised in the lost register, and on earlier lists: it goes back to none of them.</summary>
public sealed class PledgeTests
{
    private static readonly Guid Lost = LonelyEngine.Lineage.Incarnation;
    private static readonly FoundingList Successors = FoundingList.Of(Cluster, Endpoints[..3], Lost);
    private static readonly Ballot Vote = new(7, new NodeInstance(FoundingSetup.Acceptor(1).Node, 1));
    private static readonly FoundingList Other = new(Cluster, ["recovered"], Lost);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void It_is_never_brought_into_the_lost_register_again(long epoch)
    {
        var acceptor = Pledged(Successors);
        var value = Value(LonelyEngine.Lineage, epoch);
        Assert.Null(acceptor.Handle(new Install(Ballot.None, value) { Register = value.Id(default), To = acceptor.Self }, out var reply));
        Assert.IsType<Absent>(reply);
        Assert.Equal(new RegisterId(Successors.Id, 0), acceptor.Register);

        var child = Value(new Lineage(Guid.AllBitsSet, Lost, 1), 1);
        Assert.NotNull(acceptor.Handle(new Install(Ballot.None, child) { Register = child.Id(default), To = acceptor.Self }, out reply));
        Assert.IsType<Gossip.Agreement.Installed>(reply);
        Assert.Null(acceptor.Before);
    }

    [Fact]
    public void It_votes_on_a_list_once()
    {
        var acceptor = Pledged(Successors);
        Assert.Null(Bind(acceptor, Successors));
        Assert.NotNull(Bind(acceptor, Other)); // which its operator says
    }

    [Fact]
    public void What_voted_on_a_list_that_may_still_found_votes_by_itself_on_no_other()
    {
        var voter = Settled(then: null);
        Assert.Equal(new RegisterId(Successors.Id, 0), voter.Engine.Acceptor.Register);

        var recovering = Settled(acceptor =>
        {
            Bind(acceptor, Other);
            acceptor.Apply(new PromiseRecord(Vote));
        });
        Assert.Equal(new RegisterId(Other.Id, 0), recovering.Engine.Acceptor.Register);
        Assert.Contains("voted on another list", recovering.Engine.Diagnosis(recovering.Now), StringComparison.Ordinal);
    }

    [Fact]
    public void What_promised_nothing_yet_on_a_list_votes_on_another()
    {
        var engine = Settled(acceptor => Bind(acceptor, Other));
        Assert.Equal(new RegisterId(Successors.Id, 0), engine.Engine.Acceptor.Register);
        Assert.Equal(LonelyEngine.Value, engine.Engine.Acceptor.Before);
    }

    /// <summary>The seeds were corrected before the first founding: the store takes its seat on the list that is meant, unless it promised something on the other.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_list_that_was_corrected_before_the_founding_is_taken(bool hasPromised)
    {
        var cluster = new EngineCluster(5);
        cluster.Start(0, Listed(3), isDurable: true);
        cluster.Start(1, Listed(3), isDurable: true);
        for (var turn = 0; turn < 2000 && cluster[0].Engine.Acceptor.Value is null; turn++)
        {
            cluster.Run(0.005);
        }

        Assert.NotNull(cluster[0].Engine.Acceptor.Value);
        cluster.Stop(0);
        cluster.Stop(1);
        if (hasPromised)
        {
            cluster[0].Log.Add(new PromiseRecord(Vote));
        }

        var corrected = new FoundingPlan(FoundingKind.Listed, [Endpoints[0], Endpoints[2]]);
        cluster.Start(0, corrected, isDurable: true);
        cluster.Start(2, corrected, isDurable: true);
        cluster.Run(15);
        Assert.Equal(hasPromised, cluster[0].Engine.Lineage.IsNone);
        if (hasPromised)
        {
            Assert.Contains("remove its data directory", cluster[0].Engine.Diagnosis(cluster.Now), StringComparison.Ordinal);
        }
    }

    private static LonelyEngine Settled(Action<Acceptor>? then)
    {
        var engine = new LonelyEngine(2, then: then);
        engine.Hears(Founder(0), Founder(1));
        engine.Wait(10);
        Assert.Contains(engine.Outbox.Events, happened => happened.Kind == AgreementEventKind.Lost);
        return engine;

        static AgreementPeer Founder(int node) => LonelyEngine.Here(node, store: 2) is var peer
            ? peer with { Notice = peer.Notice! with { Disowned = LonelyEngine.Seats.Epoch, Founders = Successors.Id, FoundingSeat = node } }
            : peer;
    }

    private static Acceptor Pledged(FoundingList list)
    {
        var acceptor = new Acceptor(FoundingSetup.Acceptor(2));
        acceptor.Apply(new InstallRecord(Ballot.None, LonelyEngine.Value));
        Assert.NotNull(Bind(acceptor, list));
        return acceptor;
    }

    private static AcceptorRecord? Bind(Acceptor acceptor, FoundingList list) =>
        acceptor.Bind(list.Id, list.SeatAt(0), RegisterValue.Unfounded(list.Configuration, TableState.Empty), LonelyEngine.Lineage);

    private static RegisterValue Value(Lineage lineage, long epoch) => new()
    {
        Lineage = lineage,
        Configuration = Configuration.Of(epoch, [FoundingSetup.Acceptor(2)]),
        Position = LonelyEngine.Value.Position,
        Sessions = Sessions.None,
        State = TableState.Empty,
    };
}
