using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>What a node does about its engine's events, once the engine's outbox is empty again.</summary>
internal sealed class Reactions(SimWorld world)
{
    /// <summary>
    /// How far a generation may leap over the one that peers remember. They need not remember the latest: a life that took the
    /// next number and ended at once may be known to others only, and the same number must not be taken again.
    /// </summary>
    private const int GenerationLeap = 1 << 30;

    private readonly List<EngineEvent> _awaited = [];

    public void Await(in EngineEvent happened)
    {
        if (happened.Kind is not (EngineEventKind.StateChanged or EngineEventKind.BroadcastReceived))
        {
            _awaited.Add(happened);
        }
    }

    public void React(SimNode node)
    {
        while (_awaited.Count > 0)
        {
            var happened = _awaited[^1];
            _awaited.RemoveAt(_awaited.Count - 1);
            switch (happened.Kind)
            {
                case EngineEventKind.JoinSettled when node.IsUp && !node.IsLeaving:
                    world.Seeding.OnSettled(node, happened.Status);
                    break;
                case EngineEventKind.GenerationOutdated when node.IsUp && happened.Generation >= node.Generation:
                    world.Counts.Count(Fault.GenerationOutdated);
                    node.GenerationFloor = happened.Generation + 1 + (ulong)world.Random.Next(GenerationLeap);
                    _awaited.Clear(); // the others concern the life that ends here
                    world.End(node, silently: false, "was started before, its peers say, with a later clock");
                    world.Start(node);
                    break;
                case EngineEventKind.LeaveSettled when node.IsUp:
                    node.Engine!.Stop();
                    world.End(node, silently: false, "has left");
                    break;
                case EngineEventKind.TableFull when world.Setup.MaxMembers < world.Nodes.Count:
                    break;
                case EngineEventKind.IdentityConflict or EngineEventKind.TableFull:
                    throw new ViolationException("no-conflict", $"node {node.Index} reports {happened.Kind} about {happened.Subject}");
            }
        }
    }
}
