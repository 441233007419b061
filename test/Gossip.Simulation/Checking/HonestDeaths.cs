using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// Who left is not called dead; and where the scenario gives no reason for errors, neither is who runs. Where some are sick, no healthy member
/// declares a healthy one dead: it may at most believe it of a sick one (Lifeguard §V counts the same as FP and FP-).
/// </summary>
internal sealed class HonestDeaths(SimWorld world) : Check(world)
{
    public override string Name => "honest-deaths";

    public override void OnEvent(SimNode observer, in EngineEvent happened)
    {
        if (happened.Kind != EngineEventKind.StateChanged
            || happened.After != MemberState.Dead
            || World.Find(happened.Subject.Id) is not { } subject
            || subject.Generation != happened.Subject.Generation)
        {
            return;
        }

        if (!subject.IsSick && subject.IsRunning)
        {
            OnHealthyDeath(observer, subject);
        }

        if (!World.FalseDeathsForbidden)
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

    private void OnHealthyDeath(SimNode observer, SimNode subject)
    {
        World.Counts.Count(Fault.HealthyDeath);
        if (observer.IsSick)
        {
            return;
        }

        World.Counts.Count(Fault.HealthyDeathAtHealthy);
        if (!observer.Engine!.Table.TryFind(subject.Id, out var member) || member.Accuser != observer.Id)
        {
            return; // it was told so
        }

        World.Counts.Count(Fault.FalseVerdict);
        if (World.FalseVerdictsForbidden)
        {
            throw Violation(observer, $"declares node {subject.Index} dead; both are healthy");
        }
    }
}
