using Gossip.Membership;
using Gossip.Metadata;
using Xunit;

namespace Gossip.Tests.Membership;

public class ReaperTests
{
    private static readonly ProtocolTiming Timing = ProtocolTiming.Lan with
    {
        TombstoneRetention = TimeSpan.FromMinutes(10),
        FactTombstoneRetention = TimeSpan.FromMinutes(2),
    };

    [Theory]
    [InlineData(MemberState.Dead)]
    [InlineData(MemberState.Left)]
    public void The_gone_are_forgotten_after_their_retention_and_not_before(MemberState state)
    {
        var a = Start();
        a.Hear('b', TestNodes.Says('b', state));
        a.Advance(Timing.TombstoneRetention - Timing.SyncInterval);
        Assert.True(a.Engine.Table.TryFind(TestNodes.Id('b'), out _));

        a.Advance(Timing.SyncInterval * 2);
        Assert.False(a.Engine.Table.TryFind(TestNodes.Id('b'), out _));
        Assert.Equal(1, a.Engine.Table.Count);
    }

    [Fact]
    public void The_time_that_others_remembered_a_death_counts()
    {
        var a = Start();
        var age = Timing.TombstoneRetention - (Timing.SyncInterval * 3);
        a.Hear('b', TestNodes.Says('c', MemberState.Dead) with { AgeSeconds = (ulong)age.TotalSeconds });
        a.Hear('b', TestNodes.Says('d', MemberState.Dead) with { AgeSeconds = (ulong)Timing.TombstoneRetention.TotalSeconds + 1 });
        Assert.True(a.Engine.Table.TryFind(TestNodes.Id('c'), out _));
        Assert.False(a.Engine.Table.TryFind(TestNodes.Id('d'), out _));

        a.Advance(Timing.SyncInterval * 4);
        Assert.False(a.Engine.Table.TryFind(TestNodes.Id('c'), out _));
    }

    [Fact]
    public void The_node_forgets_its_own_deletions_after_their_retention()
    {
        var a = Start();
        a.Do((engine, now) => engine.ChangeFacts(now, [new(FactKind.Tag, "web", true)]));
        a.Do((engine, now) => engine.ChangeFacts(now, [new(FactKind.Tag, "web", null)]));
        a.Advance(Timing.FactTombstoneRetention - Timing.SyncInterval);
        Assert.Equal(1, a.Engine.Table.Local.Facts.Count);

        a.Advance(Timing.SyncInterval * 3);
        Assert.Equal(0, a.Engine.Table.Local.Facts.Count);
        Assert.Equal(a.Engine.Table.Local.Facts.Version, a.Engine.Table.Local.Facts.Floor);
    }

    private static EngineHarness Start()
    {
        var harness = new EngineHarness(TestNodes.Options('a') with { Timing = Timing });
        harness.Do((engine, now) => engine.Start(now, joining: false));
        return harness;
    }
}
