using Gossip.Dissemination;

namespace Gossip.Simulation;

/// <summary>Tables and queues hold no more than what there is to know.</summary>
internal sealed class Boundedness(SimWorld world) : Check(world)
{
    /// <summary>For each member: one rumour of its state, one of its facts, and one for each accuser that can count.</summary>
    private readonly int _rumoursPerMember = 3 + world.Setup.Timing.SuspicionConfirmations;

    public override string Name => "boundedness";

    public override void OnChange(SimNode observer)
    {
        var engine = observer.Engine!;
        var nodes = Math.Min(World.Setup.Nodes, World.Setup.MaxMembers);
        if (engine.Table.Count > nodes || engine.Table.SlotCount > nodes)
        {
            throw Violation(observer, $"knows {engine.Table.Count} members in {engine.Table.SlotCount} slots; there may be {nodes}");
        }

        if (engine.SystemRumours.Count > nodes * _rumoursPerMember)
        {
            throw Violation(observer, $"has {engine.SystemRumours.Count} rumours about {nodes} members");
        }

        var options = engine.Options;
        if (engine.UserRumours.Count > options.MaxUserRumours || engine.UserRumours.Bytes > options.MaxUserRumourBytes)
        {
            throw Violation(observer, $"has {engine.UserRumours.Count} broadcasts of {engine.UserRumours.Bytes} bytes in its queue");
        }

        if (engine.Broadcasts.Count > BroadcastLimits.MaxKept || engine.Broadcasts.Bytes > options.MaxBroadcastBytes || engine.BroadcastsWanted > BroadcastLimits.MaxWanted)
        {
            throw Violation(observer, $"keeps {engine.Broadcasts.Count} broadcasts of {engine.Broadcasts.Bytes} bytes and wants {engine.BroadcastsWanted}");
        }
    }
}
