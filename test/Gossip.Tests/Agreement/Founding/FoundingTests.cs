using Gossip.Agreement;
using Gossip.Transport;
using Xunit;
using static Gossip.Tests.Agreement.Founding.FoundingSetup;

namespace Gossip.Tests.Agreement.Founding;

public sealed class FoundingTests
{
    private static readonly FoundingTiming Timing = new();
    private static readonly Lineage Other = new(new Guid(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9), Guid.Empty, 0);
    private long _now = TimeSpan.FromHours(1).Ticks;

    [Fact]
    public void A_majority_of_the_list_founds_and_no_less()
    {
        var founding = Of(Founder(0, Listed(3)));

        Assert.Equal(FoundingStep.Wait, Look(founding));
        Assert.Contains("1 of 3 founders are here, 2 are needed; missing: 127.0.0.1:7001, 127.0.0.1:7002", founding.WaitsFor, StringComparison.Ordinal);
        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, Peer(1, Listed(3))));
        _now += Timing.Completeness.Ticks;
        Assert.Equal(FoundingStep.Bind, Look(founding, isBound: false, Peer(1, Listed(3))));
        Assert.Equal(FoundingStep.Found, Look(founding, isBound: true, Peer(1, Listed(3))));
    }

    [Fact]
    public void Founders_that_a_restart_would_make_forget_wait_for_all_but_not_for_ever()
    {
        var founding = Of(Founder(0, Listed(3), isDurable: false));

        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, Peer(1, Listed(3))));
        Assert.Contains("missing: 127.0.0.1:7002", founding.WaitsFor, StringComparison.Ordinal);
        Assert.Equal(FoundingStep.Bind, Look(Of(Founder(0, Listed(3), isDurable: false)), isBound: false, Peer(1, Listed(3)), Peer(2, Listed(3))));

        _now += Timing.Completeness.Ticks - 1;
        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, Peer(1, Listed(3))));
        _now++;
        Assert.Equal(FoundingStep.Bind, Look(founding, isBound: false, Peer(1, Listed(3))));
    }

    [Fact]
    public void The_patience_begins_again_when_the_majority_was_lost()
    {
        var founding = Of(Founder(0, Listed(3), isDurable: false));
        Look(founding, isBound: false, Peer(1, Listed(3)));
        _now += Timing.Completeness.Ticks - 1;
        Look(founding);
        _now++;

        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, Peer(1, Listed(3))));
    }

    [Fact]
    public void Who_was_told_another_list_does_not_count_and_is_named()
    {
        var founding = Of(Founder(0, Listed(3)));

        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, Peer(1, Listed(4))));
        Assert.Contains("127.0.0.1:7001 was configured with other founders", founding.WaitsFor, StringComparison.Ordinal);
    }

    [Fact]
    public void One_node_fills_one_entry_and_only_that_of_its_own_address()
    {
        var founding = Of(Founder(0, Listed(3)));
        var alias = Peer(1, Listed(3)) with { Address = Endpoint(5) };
        var stranger = Peer(2, Listed(3)) with { Id = Acceptor(7).Node, Address = Endpoint(7) };

        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, alias, stranger));
        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, Peer(0, Listed(3)) with { Id = Acceptor(8).Node })); // at this node's own address
    }

    [Fact]
    public void Nobody_founds_while_a_member_tells_of_a_cluster()
    {
        var founding = Of(Founder(0, Listed(3)));
        AgreementPeer[] peers = [Peer(1, Listed(3)), Peer(2, Listed(3)), Peer(Founder(5, FoundingPlan.Never)).Knows(Other)];

        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: true, peers));
        _now += TimeSpan.FromHours(1).Ticks;
        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: true, peers));
        Assert.Contains("127.0.0.1:7005 tells of a cluster that exists", founding.WaitsFor, StringComparison.Ordinal);
    }

    [Fact]
    public void The_word_of_an_observer_only_delays()
    {
        var founding = Of(Founder(0, Listed(3)));
        AgreementPeer[] peers = [Peer(1, Listed(3)), Peer(2, Listed(3)), Peer(Founder(5, FoundingPlan.Never, offersSeat: false)).Knows(Other)];

        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, peers));
        _now += Timing.ObserverDelay.Ticks;
        Assert.Equal(FoundingStep.Bind, Look(founding, isBound: false, peers));
    }

    [Fact]
    public void A_member_that_has_told_nothing_yet_is_waited_for_a_little()
    {
        var founding = Of(Founder(0, Listed(3)));
        AgreementPeer[] peers = [Peer(1, Listed(3)), Peer(2, Listed(3)), Silent(5)];

        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: false, peers));
        _now += Timing.NoticePatience.Ticks;
        Assert.Equal(FoundingStep.Bind, Look(founding, isBound: false, peers));
    }

    [Fact]
    public void Founders_try_one_after_the_other()
    {
        AgreementPeer[] peers = [Peer(0, Listed(3)), Peer(1, Listed(3))];
        var last = Of(Founder(2, Listed(3)));

        Assert.Equal(FoundingStep.Wait, Look(last, isBound: true, peers));
        _now += Timing.Stagger.Ticks * 2;
        Assert.Equal(FoundingStep.Found, Look(last, isBound: true, peers));
    }

    [Fact]
    public void Who_is_no_founder_or_takes_no_seat_waits()
    {
        AgreementPeer[] peers = [Peer(0, Listed(3)), Peer(1, Listed(3)), Peer(2, Listed(3))];

        Assert.Equal(FoundingStep.Wait, Look(Of(Founder(5, Listed(3))), isBound: false, peers));
        Assert.Equal(FoundingStep.Wait, Look(Of(Founder(0, Listed(3), offersSeat: false)), isBound: false, peers[1..]));
        Assert.Equal(FoundingStep.Wait, Look(Of(Founder(5, FoundingPlan.Never)), isBound: false, peers));
    }

    [Fact]
    public void One_that_was_told_to_founds_alone_at_once()
    {
        var founding = Of(Founder(0, Plan(FoundingKind.Alone), isDurable: false));

        Assert.Equal(FoundingStep.Bind, Look(founding));
        Assert.Equal(FoundingStep.Found, Look(founding, isBound: true));
        Assert.Equal(FoundingStep.Wait, Look(founding, isBound: true, Peer(1, FoundingPlan.Never).Knows(Other)));
    }

    [Fact]
    public void Of_several_on_a_developers_machine_the_one_at_the_lowest_port_founds()
    {
        var plan = Plan(FoundingKind.Developer);
        var second = Of(Founder(1, plan));

        Assert.Equal(FoundingStep.Wait, Look(second, isBound: false, Peer(0, plan)));
        Assert.Contains("127.0.0.1:7000 founds", second.WaitsFor, StringComparison.Ordinal);
        Assert.Equal(FoundingStep.Wait, Look(second));
        _now += Timing.DeveloperPatience.Ticks;
        Assert.Equal(FoundingStep.Bind, Look(second));

        var at = NodeEndpoint.From(System.Net.IPAddress.Loopback, GossipAddress.DefaultPort);
        Assert.Equal(FoundingStep.Bind, Look(Of(Founder(0, plan, at: at))));
    }

    private static Foundation Of(AgreementSetup setup) => new(setup, Timing);

    private FoundingStep Look(Foundation founding) => Look(founding, isBound: false);

    private FoundingStep Look(Foundation founding, bool isBound, params AgreementPeer[] peers) => founding.Look(_now, peers, isBound, out _);
}
