namespace Gossip.Simulation;

/// <summary>A process knows of itself that it runs, whatever others say.</summary>
internal sealed class SelfLiveness(SimWorld world) : Check(world)
{
    public override string Name => "self-liveness";

    public override void OnChange(SimNode observer)
    {
        var self = observer.Self;
        if (self.State is MemberState.Suspect or MemberState.Dead || self.Suspicion is not null)
        {
            throw Violation(observer, $"holds itself {self.State}");
        }

        if (self.Instance.Generation != observer.Generation)
        {
            throw Violation(observer, $"thinks that it is {self.Instance}");
        }
    }
}
