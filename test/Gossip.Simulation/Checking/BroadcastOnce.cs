using System.Buffers.Binary;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>A process hears each broadcast at most once, and none that nobody sent.</summary>
internal sealed class BroadcastOnce(SimWorld world) : Check(world)
{
    private readonly HashSet<(int Node, int Boot, ulong Broadcast)> _heard = [];

    public override string Name => "broadcast-once";

    public bool HasHeard(SimNode node, ulong broadcast) => _heard.Contains((node.Index, node.Boot, broadcast));

    public override void OnEvent(SimNode observer, in EngineEvent happened)
    {
        if (happened.Kind != EngineEventKind.BroadcastReceived)
        {
            return;
        }

        World.Counts.Count(Fault.BroadcastReceived);
        var number = BinaryPrimitives.ReadUInt64LittleEndian(happened.Payload.Span);
        if (!_heard.Add((observer.Index, observer.Boot, number)))
        {
            throw Violation(observer, $"hears broadcast {number} of {happened.Subject} again");
        }
    }
}
