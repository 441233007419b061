using Gossip.Membership;
using Gossip.Node;
using Gossip.Simulation;

namespace Gossip.Tests.Simulation;

/// <summary>A small, quiet cluster to plant bugs in.</summary>
internal static class PlantedWorld
{
    public const int Nodes = 5;

    public static SimSetup Setup { get; } = new()
    {
        Seed = 1,
        Nodes = Nodes,
        Timing = ProtocolTiming.Local,
        Conditions = new LinkConditions { Latency = TimeSpan.FromMilliseconds(1) },
    };

    public static SimWorld WarmUp()
    {
        var world = new SimWorld(Setup);
        ClusterScript.WarmUp(world);
        return world;
    }

    /// <summary>What an observer knows about a subject.</summary>
    public static Member View(this SimWorld world, int observer, int subject) =>
        world.Nodes[observer].Engine!.Table.TryFind(world.Nodes[subject].Id, out var member)
            ? member
            : throw new InvalidOperationException($"Node {observer} does not know node {subject}.");

    /// <summary>Pretends that the engine changed something by itself.</summary>
    public static void Change(this SimWorld world, int observer, Action<Outbox> change)
    {
        var node = world.Nodes[observer];
        change(node.Outbox);
        node.Outbox.ViewChanged = true;
        world.AfterCall(node);
    }

    /// <summary>Changes a state as the engine does: with the event that tells it.</summary>
    public static void SetState(this SimWorld world, int observer, int subject, MemberState state)
    {
        var member = world.View(observer, subject);
        var before = member.State;
        world.Change(observer, outbox =>
        {
            world.Nodes[observer].Engine!.Table.SetState(member, state, world.Now);
            outbox.Events.Add(new EngineEvent(EngineEventKind.StateChanged) { Subject = member.Instance, Before = before, After = state });
        });
    }
}
