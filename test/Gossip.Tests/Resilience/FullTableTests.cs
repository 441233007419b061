using System.Runtime.CompilerServices;
using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Membership;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>What an engine keeps is bounded, however many come and go.</summary>
public sealed class FullTableTests
{
    private const int Churn = 2000;
    private const int Capacity = 4;

    [Fact]
    public void A_full_table_tells_a_newcomer_so()
    {
        var a = new EngineHarness(TestNodes.Options('a') with { MaxMembers = 2 });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Hear('b', TestNodes.Says('b', MemberState.Alive));
        a.Take();
        var newcomer = new EngineHarness('n');
        newcomer.Do((engine, now) => engine.Start(now, joining: true));
        newcomer.Do((engine, now) => engine.Join(now, TestNodes.Endpoint('a'), 1));

        new EnginePair(a, newcomer).ExchangeStreams();

        Assert.Equal(JoinStatus.Full, Assert.Single(newcomer.Events, item => item.Kind == EngineEventKind.JoinSettled).Status);
        Assert.Single(a.Events, item => item.Kind == EngineEventKind.TableFull);
    }

    [Fact]
    public void A_full_table_forgets_the_gone_and_never_the_present()
    {
        var table = new MemberTable(Capacity, new FactLimits());
        Member[] members = [.. "abcd".Select(name => table.TryAdd(TestNodes.Instance(name), TestNodes.Endpoint(name), out _)!)];
        for (var i = 0; i < members.Length; i++)
        {
            table.SetState(members[i], MemberState.Alive, i);
        }

        Assert.Null(table.TryAdd(TestNodes.Instance('x'), TestNodes.Endpoint('x'), out var evicted));
        Assert.Null(evicted);

        table.SetState(members[2], MemberState.Dead, 20);
        table.SetState(members[3], MemberState.Left, 10);
        Assert.NotNull(table.TryAdd(TestNodes.Instance('x'), TestNodes.Endpoint('x'), out evicted));
        Assert.Same(members[3], evicted); // the older of the two
        Assert.Equal(Capacity, table.Count);
        Assert.True(table.TryFind(TestNodes.Id('c'), out _));
    }

    [Fact]
    public void The_ring_of_probes_does_not_keep_those_who_came_and_went()
    {
        var context = TestNodes.Context(TestNodes.Options('a'));
        var schedule = new ProbeSchedule(context);
        schedule.Add(context.AddAlive('b'));
        for (var i = 0; i < Churn; i++)
        {
            var member = context.AddAlive('c');
            schedule.Add(member);
            context.Table.Remove(member);
        }

        var back = context.AddAlive('c');
        schedule.Add(back);
        Assert.InRange(Ring(schedule).Count, 2, 4 * context.Table.Count);
        Assert.Equal(["b", "c"], Enumerable.Range(0, 4).Select(_ => TestNodes.Name(schedule.Next()!.Id).ToString()).Distinct().Order());
    }

    [Fact]
    public void A_member_that_restarts_again_and_again_waits_for_its_facts_once()
    {
        var context = TestNodes.Context(TestNodes.Options('a'));
        var facts = new FactsExchange(context, new AntiEntropy(context));
        var member = context.AddAlive('b');
        for (ulong i = 1; i <= Churn; i++)
        {
            member.Reincarnate(TestNodes.Instance('b', i));
            facts.OnVersionHeard(member, i);
        }

        Assert.Single(Waiting(facts));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_ring")]
    private static extern ref List<Member> Ring(ProbeSchedule schedule);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lagging")]
    private static extern ref Queue<(Member Member, NodeInstance Instance, ulong Version, long Due)> Waiting(FactsExchange facts);
}
