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

        var recovering = Settled(acceptor => Bind(acceptor, Other));
        Assert.Equal(new RegisterId(Other.Id, 0), recovering.Engine.Acceptor.Register);
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
