using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Simulation;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Simulation;

/// <summary>Each check reports the bug that it is for: a check that cannot fail proves nothing.</summary>
public sealed class CheckTests
{
    [Fact]
    public void An_incarnation_that_falls_is_reported()
    {
        var world = PlantedWorld.WarmUp();
        world.Nodes[1].Self.Incarnation = 5;
        world.Change(0, _ => world.View(0, 1).Incarnation = 5);

        AssertViolates("view-history", "fall", () => world.Change(0, _ => world.View(0, 1).Incarnation = 4));
    }

    [Fact]
    public void An_incarnation_that_is_invented_is_reported()
    {
        var world = PlantedWorld.WarmUp();

        AssertViolates("view-history", "never spoke above", () => world.Change(0, _ => world.View(0, 1).Incarnation++));
    }

    [Fact]
    public void A_generation_that_falls_or_never_was_is_reported()
    {
        var world = PlantedWorld.WarmUp();
        var lower = new NodeInstance(world.Nodes[1].Id, 1);
        AssertViolates("view-history", "lets the generation", () => world.Change(0, _ => world.View(0, 1).Reincarnate(lower)));

        world = PlantedWorld.WarmUp();
        var higher = new NodeInstance(world.Nodes[1].Id, ulong.MaxValue - 1);
        AssertViolates("view-history", "never was", () => world.Change(0, _ => world.View(0, 1).Reincarnate(higher)));
    }

    [Theory]
    [InlineData(MemberState.Dead)]
    [InlineData(MemberState.Left)]
    public void A_resurrection_is_reported(MemberState gone)
    {
        var world = PlantedWorld.WarmUp();
        world.SetState(0, 1, gone);

        AssertViolates("view-history", "without a word of its own", () => world.SetState(0, 1, MemberState.Alive));
    }

    [Fact]
    public void A_change_that_no_event_tells_is_reported()
    {
        var world = PlantedWorld.WarmUp();

        AssertViolates("view-history", "but told", () => world.Change(0, _ => world.Nodes[0].Engine!.Table.SetState(world.View(0, 1), MemberState.Leaving, world.Now)));
    }

    [Fact]
    public void A_node_that_thinks_itself_dead_is_reported()
    {
        var world = PlantedWorld.WarmUp();

        AssertViolates("self-liveness", "holds itself Dead", () => world.Change(0, _ => world.Nodes[0].Engine!.Table.SetState(world.Nodes[0].Self, MemberState.Dead, world.Now)));
    }

    [Fact]
    public void A_queue_that_grows_without_bound_is_reported()
    {
        var world = PlantedWorld.WarmUp();

        AssertViolates("boundedness", "rumours", () => world.Change(0, _ =>
        {
            for (var i = 0; i < PlantedWorld.Nodes * PlantedWorld.Nodes * PlantedWorld.Nodes; i++)
            {
                world.Nodes[0].Engine!.SystemRumours.Add(new RumourKey(RumourKind.Accusation, 1, new NodeId((ulong)i + 1), 0));
            }
        }));
    }

    [Fact]
    public void A_broadcast_that_is_handed_up_twice_is_reported()
    {
        var world = PlantedWorld.WarmUp();
        var received = new EngineEvent(EngineEventKind.BroadcastReceived) { Payload = new byte[sizeof(ulong)] };
        world.Change(0, outbox => outbox.Events.Add(received));

        AssertViolates("broadcast-once", "again", () => world.Change(0, outbox => outbox.Events.Add(received)));
    }

    [Fact]
    public void A_datagram_that_no_network_takes_is_reported()
    {
        var world = PlantedWorld.WarmUp();
        var tooLarge = new byte[PlantedWorld.Setup.MaxDatagramSize + 1];

        AssertViolates("datagram-size", "bytes in one datagram", () => world.Network.SendDatagram(world.Nodes[0], world.Nodes[1].Endpoint, tooLarge));
    }

    [Fact]
    public void A_healthy_node_that_is_called_dead_is_reported()
    {
        var world = PlantedWorld.WarmUp();
        world.FalseDeathsForbidden = true;
        world.Network.Tamper = (from, _, packet) => from == 1 ? default : packet;

        AssertViolates("honest-deaths", "whose process runs", () => world.RunFor(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_healthy_node_that_a_healthy_one_declares_dead_is_reported_where_only_sick_ones_may()
    {
        var world = PlantedWorld.WarmUp();
        world.FalseVerdictsForbidden = true;
        world.Network.Tamper = (from, _, packet) => from == 1 ? default : packet;

        AssertViolates("honest-deaths", "both are healthy", () => world.RunFor(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_member_of_another_cluster_in_a_view_is_reported()
    {
        var world = new SimWorld(PlantedWorld.Setup);

        AssertViolates("view-history", "of another cluster", () =>
        {
            world.After(TimeSpan.FromSeconds(1), () => world.Nodes[1].Cluster++); // its engine runs and is let in as one of the first cluster
            ClusterScript.WarmUp(world);
        });
    }

    [Fact]
    public void A_leaver_that_is_called_dead_is_reported()
    {
        var world = PlantedWorld.WarmUp();
        world.FalseDeathsForbidden = true;
        world.Network.Tamper = (from, _, packet) => from == 1 ? default : packet;
        world.Leave(world.Nodes[1]);

        AssertViolates("honest-deaths", "left in order", () => world.RunFor(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Dropped_refutations_are_reported()
    {
        var discarding = PacketFilter.Discarding((kind, body, _) =>
            kind == MessageKind.Member
            && MemberStatement.TryRead(body, out var statement)
            && statement is { State: MemberState.Alive, Incarnation: > 0 });

        var result = ScenarioRun.Play(new PartitionHeal(), seed: 1, plant: world => world.Network.Tamper = discarding);

        Assert.Equal(ViewAgreement.Rule, result.Violation?.Rule);
    }

    [Fact]
    public void A_network_that_hides_one_node_is_reported()
    {
        var result = ScenarioRun.Play(new ColdStart(10), seed: 1, plant: world =>
        {
            var hidden = world.Nodes[3].Id;
            world.Network.Tamper = PacketFilter.Discarding((kind, body, _) =>
                kind == MessageKind.Member && MemberStatement.TryRead(body, out var statement) && statement.Subject.Id == hidden);
        });

        Assert.Equal(ViewAgreement.Rule, result.Violation?.Rule);
        Assert.Contains("does not know node 3", result.Violation?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Facts_that_are_lost_for_good_are_reported()
    {
        var result = ScenarioRun.Play(new ColdStart(3), seed: 1, plant: world => world.Network.Tamper = PacketFilter.Discarding((kind, _, _) => kind == MessageKind.Facts));

        Assert.Equal(ViewAgreement.Rule, result.Violation?.Rule);
        Assert.Contains("has the facts", result.Violation?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_throws_is_reported()
    {
        var result = ScenarioRun.Play(new ColdStart(3), seed: 1, plant: world => world.After(TimeSpan.FromSeconds(1), () => throw new InvalidCastException()));

        Assert.Equal(ScenarioRun.NoException, result.Violation?.Rule);
    }

    [Fact]
    public void A_run_in_which_nothing_happened_fails()
    {
        var result = ScenarioRun.Play(new Idle(), seed: 1);

        Assert.Equal(ScenarioRun.NonVacuity, result.Violation?.Rule);
        Assert.Contains(nameof(Fault.Dropped), result.Violation?.Message, StringComparison.Ordinal);
    }

    private static void AssertViolates(string rule, string words, Action action)
    {
        var violation = Assert.Throws<ViolationException>(action);
        Assert.Equal(rule, violation.Rule);
        Assert.Contains(words, violation.Message, StringComparison.Ordinal);
    }

    /// <summary>Claims to lose packets, and loses none.</summary>
    private sealed class Idle : Scenario
    {
        public override string Name => "idle";

        public override string Story => "nothing happens";

        public override IReadOnlyList<Fault> EachRun => [Fault.Dropped];

        public override SimSetup Draw(ulong seed, SeededRandom random) => PlantedWorld.Setup;

        public override TimeSpan Play(SimWorld world)
        {
            ClusterScript.WarmUp(world);
            return TimeSpan.FromSeconds(1);
        }
    }
}
