using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Node;
using Xunit;

namespace Gossip.Tests.Membership;

/// <summary>
/// Whatever is said about a member, and in whatever order it arrives: all nodes end with the highest of it. Statements are
/// drawn from small ranges, so that equal and adjacent ones meet; a failure names its seed.
/// </summary>
/// <remarks>
/// One exception is deliberate: a death that is history only raises a suspicion where the member is present, so who hears it
/// before and who hears it after other news agree only once suspicions have run out; and a leaving member is not suspected.
/// </remarks>
public class MembershipConvergenceTests
{
    private const char Subject = 'm';
    private const char Speaker = 's';
    private const int Rounds = 4000;
    private const int MaxStatements = 7;
    private const int Permutations = 4;
    private const int MaxGeneration = 2;
    private const int MaxIncarnation = 3;

    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void News_in_any_order_end_as_the_highest_of_them(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var statements = Draw(random, static random => (MemberState)random.Next((int)MemberState.Alive, (int)MemberState.Left + 1), history: false);
            var expected = statements.Max(Rank);
            for (var i = 0; i < Permutations; i++)
            {
                random.Shuffle(statements);
                Assert.True(expected == Outcome(statements, afterSuspicions: false), $"Seed {seed}, round {round}: {Text(statements)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Old_deaths_among_news_end_as_the_highest_once_suspicions_have_run_out(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            MemberState[] states = [MemberState.Alive, MemberState.Suspect, MemberState.Dead];
            var statements = Draw(random, random => states[random.Next(states.Length)], history: true);
            for (var i = 0; i < Permutations; i++)
            {
                random.Shuffle(statements);

                // Nobody refutes here, so every suspicion ends as the death that it stands for.
                var expected = statements.Select(statement => statement.State == MemberState.Suspect ? statement with { State = MemberState.Dead } : statement).Max(Rank);
                Assert.True(expected == Outcome(statements, afterSuspicions: true), $"Seed {seed}, round {round}: {Text(statements)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_forgotten_member_comes_back_only_with_news_of_its_own(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var statements = Draw(random, static _ => MemberState.Alive, history: false);
            var forgotten = statements[random.Next(statements.Length)] with { State = MemberState.Left, Traits = MemberTraits.Forgotten };
            statements = [.. statements, forgotten];
            var expected = statements.Max(Rank);
            for (var i = 0; i < Permutations; i++)
            {
                random.Shuffle(statements);
                Assert.True(expected == Outcome(statements, afterSuspicions: false), $"Seed {seed}, round {round}: {Text(statements)}");
            }
        }
    }

    private static MemberStatement[] Draw(Random random, Func<Random, MemberState> state, bool history) =>
    [
        .. Enumerable.Range(0, random.Next(1, MaxStatements)).Select(_ => TestNodes.Says(
            Subject,
            state(random),
            (ulong)random.Next(MaxIncarnation),
            (ulong)random.Next(1, MaxGeneration + 1),
            accuser: (char)random.Next('a', 'd'),
            history: history && random.Next(2) == 0)),
    ];

    private static (ulong Generation, ulong Incarnation, int Rank) Rank(MemberStatement statement) =>
        (statement.Subject.Generation, statement.Incarnation, ViewDigest.Rank(statement.State));

    private static (ulong Generation, ulong Incarnation, int Rank) Outcome(MemberStatement[] statements, bool afterSuspicions)
    {
        var context = TestNodes.Context(TestNodes.Options('!'));
        var rules = new MembershipRules(context, new ProbeSchedule(context));
        foreach (var statement in statements)
        {
            rules.Apply(statement, TestNodes.Id(Speaker));
        }

        if (afterSuspicions)
        {
            context.Now = new Moment(context.Timing.SuspicionMax(context.Table.Count).Ticks, 0);
            rules.OnTick();
        }

        Assert.True(context.Table.TryFind(TestNodes.Id(Subject), out var member));
        Assert.Equal(member.State == MemberState.Suspect, member.Suspicion is not null);
        Assert.Equal(context.Table.All.Count(other => other.IsPresent), context.Table.PresentCount);
        return (member.Instance.Generation, member.Incarnation, ViewDigest.Rank(member.State));
    }

    private static string Text(MemberStatement[] statements) => string.Join(
        ", ",
        statements.Select(statement => $"{statement.Subject.Generation}/{statement.Incarnation} {statement.State}{(statement.History ? " (history)" : "")} {statement.Traits}"));
}
