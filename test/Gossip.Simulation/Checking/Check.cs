using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>A rule that is checked whenever a node's view changes, before the outside sees the change.</summary>
internal abstract class Check(SimWorld world)
{
    protected SimWorld World { get; } = world;

    /// <summary>The name that violations carry.</summary>
    public abstract string Name { get; }

    public static IReadOnlyList<Check> All(SimWorld world) =>
    [
        new ViewHistory(world),
        new SelfLiveness(world),
        new Boundedness(world),
        new HonestDeaths(world),
        new BroadcastOnce(world),
    ];

    /// <summary>An engine returned from a call that changed its view; its events are still in the outbox.</summary>
    public virtual void OnChange(SimNode observer)
    {
    }

    public virtual void OnEvent(SimNode observer, in EngineEvent happened)
    {
    }

    protected ViolationException Violation(SimNode observer, string what) =>
        new(Name, $"node {observer.Index} ({observer.Id.Prefix}) {what}");
}
