using Gossip.Messaging;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>Who gets a publication, in which order, and when a queue group goes on to another node.</summary>
public class PublicationProgressTests
{
    private static readonly NodeInstance[] Nodes = [.. Enumerable.Range(1, 5).Select(i => new NodeInstance(new NodeId((UInt128)i), 1))];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 200)];

    [Fact]
    public void Who_is_well_takes_turns_and_who_is_suspected_comes_last()
    {
        Subscriber[] group = [.. Nodes.Select(node => new Subscriber(node, "g"))];
        Assert.Equal([Nodes[0], Nodes[2], Nodes[4], Nodes[1]], Candidates(0));
        Assert.Equal([Nodes[2], Nodes[4], Nodes[0], Nodes[1]], Candidates(1));
        Assert.Equal([Nodes[0], Nodes[2], Nodes[4], Nodes[1]], Candidates(3));
        Assert.Equal(4, Candidates(-1).Length);

        NodeInstance[] Candidates(int turn) => [.. PublicationPlan.For(group, StateOf, _ => turn).Groups.Single().Candidates];

        static MemberState StateOf(NodeInstance node) => node == Nodes[1] ? MemberState.Suspect : node == Nodes[3] ? MemberState.Leaving : MemberState.Alive;
    }

    [Fact]
    public void A_node_that_refused_a_group_is_given_what_is_its_own_once_more()
    {
        var plan = Plan([new(Nodes[0], null), new(Nodes[0], "g"), new(Nodes[1], "g"), new(Nodes[2], null)]);
        var progress = new PublicationProgress(plan);
        var first = progress.Next();
        Assert.Equal([[Nodes[2]], [Nodes[0]]], first.Select(errand => errand.Nodes));
        Assert.Same(first[0].Duties, first[1].Duties); // so it is encoded once
        progress.Report(first[0], Nodes[2], SendOutcome.Handled, null);
        progress.Report(first[1], Nodes[0], SendOutcome.NoHandler, "why");

        var second = progress.Next();
        Assert.Equal([[Nodes[1]], [Nodes[0]]], second.Select(errand => errand.Nodes));
        Assert.True(second[0].GroupsOnly);
        Assert.Equal((false, 0), (second[1].GroupsOnly, second[1].Duties.Count));
        progress.Report(second[0], Nodes[1], SendOutcome.Handled, null);
        progress.Report(second[1], Nodes[0], SendOutcome.Handled, null);
        Assert.Empty(progress.Next());
        PublishedTarget[] expected = [new(Nodes[0], null, SendOutcome.Handled, null), new(Nodes[2], null, SendOutcome.Handled, null), new(Nodes[1], "g", SendOutcome.Handled, null)];
        Assert.Equal(expected, progress.Result.Targets);
        Assert.Equal(1, progress.Failovers);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_group_and_no_node_may_ever_handle_a_publication_twice_and_none_is_forgotten(int seed)
    {
        var random = new Random(seed);
        Subscriber[] found = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => new Subscriber(Nodes[random.Next(Nodes.Length)], random.Next(3) == 0 ? null : $"g{random.Next(3)}"))];
        var plan = Plan(found);
        var progress = new PublicationProgress(plan);
        Dictionary<string, int> groups = [];
        Dictionary<NodeInstance, int> own = [];
        HashSet<(string, NodeInstance)> tried = [];
        Dictionary<string, SendOutcome> lastOfGroup = [];
        for (var round = 0; progress.Next() is { Count: > 0 } errands; round++)
        {
            Assert.True(round < 20, $"seed {seed}: it does not end");
            Assert.Equal(errands.Sum(errand => errand.Nodes.Length), errands.SelectMany(errand => errand.Nodes).Distinct().Count());
            foreach (var errand in errands)
            {
                foreach (var node in errand.Nodes)
                {
                    var outcome = Enum.GetValues<SendOutcome>()[random.Next(8)];
                    var mayHaveHandled = outcome is not (SendOutcome.Unreachable or SendOutcome.NoHandler or SendOutcome.Refused) ? 1 : 0;
                    foreach (var duty in errand.Duties.Where(duty => duty.Node == node.Id))
                    {
                        Assert.Contains(new Subscriber(node, duty.Group), found);
                        Assert.True(tried.Add((duty.Group, node)), $"seed {seed}: {duty.Group} tries {node} again");
                        groups[duty.Group] = groups.GetValueOrDefault(duty.Group) + mayHaveHandled;
                        lastOfGroup[duty.Group] = outcome;
                    }

                    if (!errand.GroupsOnly && found.Contains(new Subscriber(node, null)))
                    {
                        own[node] = own.GetValueOrDefault(node) + mayHaveHandled;
                    }

                    progress.Report(errand, node, outcome, null);
                }
            }
        }

        Assert.All(groups.Concat(own.Select(pair => new KeyValuePair<string, int>(pair.Key.ToString(), pair.Value))), pair => Assert.True(pair.Value <= 1, $"seed {seed}: {pair.Key} {pair.Value} times"));
        Assert.Equal(found.Select(one => one.Group).OfType<string>().Distinct().Order(), groups.Keys.Order());
        Assert.Equal(found.Where(one => one.Group is null).Select(one => one.Node.Id).Distinct().Order(), own.Keys.Select(node => node.Id).Order());
        Assert.Equal(groups.Count + own.Count, progress.Result.Targets.Length);
        foreach (var (group, handled) in groups)
        {
            Assert.Equal(lastOfGroup[group], progress.Result.Targets.Single(target => target.QueueGroup == group).Outcome);
            Assert.True(handled == 1 || tried.Count(one => one.Item1 == group) == found.Where(one => one.Group == group).Distinct().Count(), $"seed {seed}: {group} gave up early");
        }
    }

    private static PublicationPlan Plan(Subscriber[] found) => PublicationPlan.For(found, _ => MemberState.Alive, _ => 0);
}
