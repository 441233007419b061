using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Who left is not called dead; and where the scenario gives no reason for errors, neither is who runs.</summary>
internal sealed class HonestDeaths(SimWorld world) : Check(world)
{
    public override string Name => "honest-deaths";

    public override void OnEvent(SimNode observer, in EngineEvent happened)
    {
        if (!World.FalseDeathsForbidden
            || happened.Kind != EngineEventKind.StateChanged
            || happened.After != MemberState.Dead
            || World.Find(happened.Subject.Id) is not { } subject
            || subject.Generation != happened.Subject.Generation)
        {
            return;
        }

        if (subject.IsLeaving)
        {
            throw Violation(observer, $"calls node {subject.Index} dead, which left in order ({happened.Reason})");
        }

        if (subject.IsRunning)
        {
            throw Violation(observer, $"calls node {subject.Index} dead, whose process runs ({happened.Reason})");
        }
    }
}
