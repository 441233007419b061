using Gossip.Agreement;
using Gossip.Tests.Agreement.Founding;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>What proves that a register can never decide again, and what does not.</summary>
public sealed class LossTests
{
    private static readonly Configuration Seats = LonelyEngine.Seats;

    [Fact]
    public void Another_store_is_no_proof_before_its_node_says_so_for_that_epoch()
    {
        var others = new[] { LonelyEngine.Here(0, store: 2), LonelyEngine.Here(1, store: 2) };
        Assert.True(Of(others) is { IsProven: false, IsSuspected: true });
        Assert.True(Of(Says(others, Seats.Epoch - 1)) is { IsProven: false });
        Assert.True(Of(Says(others, Seats.Epoch)) is { IsProven: true, Gone.Length: 2 });

        var elsewhere = LonelyEngine.Lineage with { Incarnation = Guid.AllBitsSet };
        Assert.True(Of([.. Says(others, Seats.Epoch).Select(peer => peer.Knows(elsewhere))]) is { IsProven: false });
    }

    [Fact]
    public void Who_cannot_be_reached_is_not_gone()
    {
        Assert.True(Of(LonelyEngine.Gone(0), LonelyEngine.Gone(1)) is { IsProven: false, IsSuspected: false });
        Assert.True(Of() is { IsProven: false, IsSuspected: false });
    }

    [Fact]
    public void Who_said_goodbye_is_gone_only_with_what_it_kept_in_memory()
    {
        AgreementPeer[] left = [Left(0), Left(1)];
        Assert.False(Of(left).IsProven);
        Assert.True(Of([.. left.Select(peer => peer with { Notice = peer.Notice! with { IsDurable = false } })]).IsProven);
    }

    [Fact]
    public void Whoever_gave_up_its_seat_says_for_which_epoch()
    {
        var engine = new LonelyEngine(3, hasSeat: false);
        engine.Hears(LonelyEngine.Here(0, tells: Seats));
        Assert.Equal(0, engine.Engine.Notice.Disowned);

        var former = Configuration.Of(4, [Acceptor(3, store: 9), Acceptor(1), Acceptor(2)]);
        engine.Hears(LonelyEngine.Here(0, tells: former));
        Assert.Equal(4, engine.Engine.Notice.Disowned);
        Assert.Equal(4, AgreementNotice.Read(engine.Engine.Notice.Encode())!.Disowned);
    }

    private static Loss Of(params AgreementPeer[] peers) => Loss.Of(Seats, LonelyEngine.Lineage.Incarnation, Acceptor(2), peers.ToDictionary(peer => peer.Id));

    private static AgreementPeer[] Says(AgreementPeer[] peers, long epoch) => [.. peers.Select(peer => peer with { Notice = peer.Notice! with { Disowned = epoch } })];

    private static AgreementPeer Left(int node) => LonelyEngine.Here(node) with { Presence = PeerPresence.Left };
}
