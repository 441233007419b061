using Gossip.Agreement;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement.Founding;

/// <summary>Founders of whom only the number is known: n of at most N.</summary>
public sealed class FoundingByNumberTests
{
    private static readonly FoundingTiming Timing = new();
    private long _now = TimeSpan.FromHours(1).Ticks;

    [Fact]
    public void So_many_as_were_expected_found()
    {
        var founding = Of(Founder(0, Expected(4, 5)));

        Assert.Equal(FoundingStep.Wait, Look(founding, Peers(Expected(4, 5), 1, 2)));
        Assert.Contains("3 of 5 founders are here, 4 are needed; missing: 2 of at most 5 nodes", founding.WaitsFor, StringComparison.Ordinal);
        Assert.Equal(FoundingStep.Wait, Look(founding, Peers(Expected(4, 5), 1, 2, 3)));
        _now += Timing.Completeness.Ticks;
        Assert.Equal(FoundingStep.Bind, Look(founding, Peers(Expected(4, 5), 1, 2, 3)));
        Assert.Equal(5, founding.List!.Entries.Length);
    }

    [Fact]
    public void Who_expects_another_number_does_not_count_is_named_and_nothing_is_founded()
    {
        var founding = Of(Founder(0, Expected(2, 3)));

        Assert.Equal(FoundingStep.Wait, Look(founding, [Peer(1, Expected(3, 5))]));
        Assert.Contains("127.0.0.1:7001 expects 3 of 5 and does not count here, where 2 of 3 are expected", founding.WaitsFor, StringComparison.Ordinal);
        _now += Timing.Completeness.Ticks;
        Assert.Equal(FoundingStep.Wait, Look(founding, [Peer(1, Expected(3, 5)), Peer(2, Expected(2, 3))])); // two majorities of different numbers need not have a node in common
    }

    [Fact]
    public void More_than_may_be_there_found_nothing()
    {
        var founding = Of(Founder(0, Expected(2, 3)));

        Assert.Equal(FoundingStep.Bind, Look(founding, Peers(Expected(2, 3), 1, 2)));
        Assert.Equal(FoundingStep.Wait, Look(founding, Peers(Expected(2, 3), 1, 2, 3)));
        Assert.Contains("more than 3 nodes are here to found", founding.WaitsFor, StringComparison.Ordinal);
    }

    [Fact]
    public void No_store_is_ever_counted_in_two_seats()
    {
        var founding = Of(Founder(0, Expected(2, 3)));
        Look(founding, Peers(Expected(2, 3), 1, 2));
        var first = SeatsOf(founding);

        // Node 1 is away, another one takes its entry; then both are here, and then the newcomer has gone.
        Look(founding, Peers(Expected(2, 3), 2, 3));
        var second = SeatsOf(founding);
        Look(founding, Peers(Expected(2, 3), 1, 2));
        Look(founding, Peers(Expected(2, 3), 1, 3));
        var both = SeatsOf(founding);

        Assert.Equal(first[Acceptor(2).Node], second[Acceptor(2).Node]);
        Assert.Equal(first[Acceptor(1).Node], second[Acceptor(3).Node]);
        Assert.Single(both, seat => seat.Key != Acceptor(0).Node);
    }

    [Fact]
    public void A_node_that_came_back_with_another_store_takes_the_entry_of_its_predecessor()
    {
        var founding = Of(Founder(0, Expected(2, 3)));
        Look(founding, Peers(Expected(2, 3), 1, 2));
        var before = SeatsOf(founding);

        Assert.Equal(FoundingStep.Bind, Look(founding, [Peer(Founder(1, Expected(2, 3), store: 2)), Peer(2, Expected(2, 3))]));
        Assert.Equal(before, SeatsOf(founding));
    }

    [Fact]
    public void Those_whose_stores_die_with_them_wait_for_all()
    {
        var founding = Of(Founder(0, Expected(2, 3), isDurable: false));

        Assert.Equal(FoundingStep.Wait, Look(founding, Peers(Expected(2, 3), 1)));
        _now += Timing.Completeness.Ticks;
        Assert.Equal(FoundingStep.Bind, Look(founding, Peers(Expected(2, 3), 1)));
    }

    [Fact]
    public void The_numbers_are_told_to_others()
    {
        var notice = Peer(0, Expected(3, 5)).Notice!;

        Assert.Equal(notice, AgreementNotice.Read(notice.Encode()));
        Assert.Equal((3, 5), (notice.Expect, notice.ExpectOf));
    }

    private static AgreementPeer[] Peers(FoundingPlan plan, params int[] nodes) => [.. nodes.Select(node => Peer(node, plan))];

    private static Foundation Of(AgreementSetup setup) => new(setup, Timing);

    /// <summary>In which seat each node that is here is asked.</summary>
    private static Dictionary<NodeId, AcceptorId> SeatsOf(Foundation founding) => founding.List!.Configuration.Acceptors
        .Where(seat => !founding.NodeOf(seat).IsNone)
        .ToDictionary(founding.NodeOf);

    private FoundingStep Look(Foundation founding, AgreementPeer[] peers) => founding.Look(_now, peers, isBound: false, out _);
}
