using Gossip.Agreement;
using Gossip.Tables;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement;

/// <summary>Who may found the successor of a lost register, and with what.</summary>
public sealed class SuccessionFoundersTests
{
    private static readonly FoundingList Successors = FoundingList.Of(Cluster, Endpoints[..3], LonelyEngine.Lineage.Incarnation);
    private long _now = TimeSpan.FromHours(1).Ticks;

    /// <summary>The seeds were being changed when all restarted: 0 and 2 were told [0, 1, 2] and 1 and 3 were told [0, 1, 3]. Each list has its majority.</summary>
    [Fact]
    public void Founders_of_two_lists_found_no_successor_and_name_the_list()
    {
        var cluster = new EngineCluster(31);
        var other = new FoundingPlan(FoundingKind.Listed, [Endpoints[0], Endpoints[1], Endpoints[3]]);
        for (var node = 0; node < 3; node++)
        {
            cluster.Start(node, Listed(3));
        }

        cluster.Start(3, FoundingPlan.Never);
        cluster.Start(4, FoundingPlan.Never);
        cluster.Run(10);
        Assert.True(cluster.Insert(4, "a"));
        var parent = cluster[4].Engine.Lineage;
        Assert.Equal("a", cluster.Keys(4)); // it is no seat, and will be the only one that remembers
        for (var node = 0; node < 4; node++)
        {
            cluster.Stop(node);
        }

        cluster.Run(0.5);
        for (var node = 0; node < 4; node++)
        {
            cluster.Start(node, node % 2 == 0 ? Listed(3) : other);
        }

        cluster.Run(120);
        Assert.All(cluster.Members.Values, member => Assert.Equal(parent.Incarnation, member.Engine.Lineage.Incarnation));
        Assert.Contains("was configured with other founders", cluster[0].Engine.Diagnosis(cluster.Now), StringComparison.Ordinal);

        // Corrected, the table is saved.
        cluster.Stop(3);
        cluster.Start(1, Listed(3));
        cluster.Start(3, FoundingPlan.Never);
        cluster.Run(30);
        Assert.Equal(parent.Incarnation, cluster[0].Engine.Lineage.Parent);
        Assert.Equal("a", cluster.Keys(3));
    }

    [Fact]
    public void Who_does_not_know_of_the_loss_yet_is_no_rival()
    {
        var foundation = new Foundation(Founder(0, Listed(3)), new FoundingTiming(), LonelyEngine.Lineage);
        var voter = Peer(1, Listed(3));
        voter = voter with { Notice = voter.Notice! with { Founders = foundation.List!.Id } };
        Assert.Equal(FoundingStep.Wait, foundation.Look(_now, [voter, Peer(2, Listed(3)).Knows(LonelyEngine.Lineage)], isBound: false, out _));
        _now += new FoundingTiming().Completeness.Ticks;
        Assert.Equal(FoundingStep.Bind, foundation.Look(_now, [voter, Peer(2, Listed(3)).Knows(LonelyEngine.Lineage)], isBound: false, out _));
        Assert.Equal(FoundingStep.Wait, foundation.Look(_now, [voter, Peer(2, Listed(5)).Knows(LonelyEngine.Lineage)], isBound: false, out _));
    }

    /// <summary>Six nodes are two of three: behind a cut each half would have its three.</summary>
    [Fact]
    public void More_than_were_expected_found_no_successor_also_when_they_are_out_of_reach()
    {
        var foundation = new Foundation(Founder(0, Expected(2, 3)), new FoundingTiming(), LonelyEngine.Lineage);
        var here = new[] { 1, 2 }.Select(node => Peer(node, Expected(2, 3))).Select(peer => peer with { Notice = peer.Notice! with { Founders = foundation.List!.Id } }).ToList();
        Assert.Equal(FoundingStep.Bind, foundation.Look(_now, here, isBound: false, out _));

        var away = Peer(3, Expected(2, 3)) with { Presence = PeerPresence.Dead };
        Assert.Equal(FoundingStep.Wait, foundation.Look(_now, [.. here, away], isBound: false, out _));
        Assert.Contains("more than 3 nodes are known", foundation.WaitsFor, StringComparison.Ordinal);
        Assert.Contains("recover the table", foundation.WaitsFor, StringComparison.Ordinal);

        Assert.Equal(FoundingStep.Wait, foundation.Look(_now, [.. here, away with { Presence = PeerPresence.Left }], isBound: false, out _));
        var gone = away with { Presence = PeerPresence.Left, Notice = away.Notice! with { IsDurable = false } };
        Assert.Equal(FoundingStep.Bind, foundation.Look(_now, [.. here, gone], isBound: false, out _));
    }

    [Fact]
    public void A_founder_that_voted_before_it_restarted_proposes_although_it_hears_of_the_lost_seats_first()
    {
        var engine = new LonelyEngine(2, hasSeat: false, then: acceptor =>
            Assert.NotNull(acceptor.Bind(Successors.Id, Successors.SeatAt(2), RegisterValue.Unfounded(Successors.Configuration, TableState.Empty), LonelyEngine.Lineage)));
        AssertProposes(engine, seats: LonelyEngine.Seats);
    }

    [Fact]
    public void A_founder_that_voted_proposes_although_it_hears_of_a_later_epoch_that_is_lost_as_well()
    {
        var engine = new LonelyEngine(2, then: acceptor =>
            Assert.NotNull(acceptor.Bind(Successors.Id, Successors.SeatAt(2), RegisterValue.Unfounded(Successors.Configuration, TableState.Empty), LonelyEngine.Lineage)));
        AssertProposes(engine, seats: Configuration.Of(2, [Acceptor(0), Acceptor(1), Acceptor(3)]));
    }

    /// <summary>The first attempt comes to nothing; then a member returns that holds more than anybody who was asked.</summary>
    [Fact]
    public void Each_attempt_asks_those_who_came_back_meanwhile()
    {
        var engine = new LonelyEngine(2);
        engine.Hears(Voter(0), Voter(1), LonelyEngine.Here(5) with { Presence = PeerPresence.Dead });
        engine.Wait(80);
        Assert.Contains(engine.Outbox.Requests, item => item.Request is Inquiry && item.To == Acceptor(0).Node);
        engine.Outbox.Clear();

        engine.Hears(Voter(0), Voter(1), LonelyEngine.Here(5));
        engine.Wait(20);
        Assert.Contains(engine.Outbox.Requests, item => item.Request is Inquiry && item.To == Acceptor(5).Node);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L + int.MaxValue)]
    [InlineData(-1L)]
    public void No_word_of_a_height_takes_the_version_back_or_ends_it(long above)
    {
        var table = new TableState { Version = new TableVersion(2_000_000, 5), Rows = TableState.Empty.Rows };
        Assert.True(TableFormat.TryReadChange(table.Succeed(above).Span, out var change));
        Assert.Equal(2_000_000 + TableState.SuccessorJump, Assert.IsType<RestoreTable>(change).Version.Number);
    }

    private static AgreementPeer Voter(int node) => LonelyEngine.Here(node, store: 2) is var peer
        ? peer with { Notice = peer.Notice! with { Disowned = 9, Founders = Successors.Id, FoundingSeat = node } }
        : peer;

    private static void AssertProposes(LonelyEngine engine, Configuration seats)
    {
        engine.Hears(Voter(0), Voter(1), LonelyEngine.Here(4, tells: seats));
        engine.Wait(80);
        Assert.Contains(engine.Outbox.Requests, item => item.Request is Prepare prepare && prepare.Register == new RegisterId(Successors.Id, 0));
    }
}
