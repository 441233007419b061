using Gossip.Membership;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Resilience;

public sealed class SendFailureTests
{
    private const int Burst = 100;

    [Fact]
    public void A_burst_of_failures_is_one_piece_of_evidence_in_each_probe_interval()
    {
        var a = EngineHarness.Started('a');
        Fail();
        Assert.Equal(1, a.Engine.AwarenessScore);

        a.Advance(ProtocolTiming.Lan.ProbeInterval);
        Fail();
        Assert.Equal(2, a.Engine.AwarenessScore);

        void Fail()
        {
            for (var i = 0; i < Burst; i++)
            {
                a.Do((engine, now) => engine.OnSendFailed(now));
            }
        }
    }
}
