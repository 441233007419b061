using Gossip.Membership;
using Gossip.Node;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>Whom to probe next, for many seeds: order is random, and the rules hold for all of it.</summary>
public class ProbeScheduleTests
{
    private const int Members = 10;

    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_member_is_probed_once_in_a_round_and_rounds_differ(ulong seed)
    {
        var (_, schedule, members) = Create(seed);
        var rounds = Enumerable.Range(0, 20).Select(_ => Take(schedule, Members)).ToList();

        Assert.All(rounds, round => Assert.Equal(members.ToHashSet(), round.ToHashSet()));
        Assert.True(rounds.Select(round => string.Concat(round.Select(member => TestNodes.Name(member.Id)))).Distinct().Count() > 1);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Between_two_probes_of_a_member_are_at_most_2n_minus_1_periods_while_others_come(ulong seed)
    {
        var (context, schedule, members) = Create(seed);
        var random = new SeededRandom(seed);
        var last = members.ToDictionary(member => member, _ => 0);
        for (var period = 1; period < 500; period++)
        {
            if (last.Count < 40 && random.Next(5) == 0)
            {
                var newcomer = context.AddAlive((char)('a' + last.Count));
                schedule.Add(newcomer);
                last.Add(newcomer, period - 1);
            }

            last[schedule.Next()!] = period;
            Assert.All(last.Values, probed => Assert.True(period - probed <= (2 * last.Count) - 1, $"Seed {seed}, period {period}."));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_gone_are_dropped_and_come_back_when_they_are_added_again(ulong seed)
    {
        var (context, schedule, members) = Create(seed);
        Take(schedule, Members / 2);
        var (dead, removed) = (members[3], members[7]);
        context.Table.SetState(dead, MemberState.Dead, 0);
        context.Table.SetState(removed, MemberState.Dead, 0);
        context.Table.Remove(removed);

        var probed = Take(schedule, 4 * Members);
        Assert.DoesNotContain(dead, probed);
        Assert.DoesNotContain(removed, probed);
        Assert.Equal(Members - 2, probed.Distinct().Count());

        context.Table.SetState(dead, MemberState.Alive, 0);
        schedule.Add(dead);
        Assert.Contains(dead, Take(schedule, 2 * Members));
    }

    [Fact]
    public void A_newcomer_comes_in_at_any_place_of_the_round()
    {
        var places = Enumerable.Range(1, 10 * Members).Select(seed =>
        {
            var (context, schedule, _) = Create((ulong)seed);
            var newcomer = context.AddAlive('z');
            schedule.Add(newcomer);
            return Take(schedule, Members + 1).IndexOf(newcomer);
        });

        Assert.Equal(Enumerable.Range(0, Members + 1), places.Distinct().Order());
    }

    [Fact]
    public void A_member_that_is_added_twice_is_probed_once()
    {
        var (_, schedule, members) = Create(seed: 1);
        schedule.Add(members[0]);

        Assert.Single(Take(schedule, Members), members[0]);
    }

    [Fact]
    public void With_nobody_there_is_nobody_to_probe()
    {
        var (context, schedule, members) = Create(seed: 1);
        members.ForEach(member => context.Table.SetState(member, MemberState.Left, 0));

        Assert.Null(schedule.Next());
        Assert.Null(schedule.Next());
    }

    private static (EngineContext Context, ProbeSchedule Schedule, List<Member> Members) Create(ulong seed)
    {
        var context = TestNodes.Context(TestNodes.Options('!', seed));
        var schedule = new ProbeSchedule(context);
        var members = Enumerable.Range(0, Members).Select(i => context.AddAlive((char)('a' + i))).ToList();
        members.ForEach(schedule.Add);
        return (context, schedule, members);
    }

    private static List<Member> Take(ProbeSchedule schedule, int count) => [.. Enumerable.Range(0, count).Select(_ => schedule.Next()!)];
}
