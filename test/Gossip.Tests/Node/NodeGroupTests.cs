using System.Collections.Concurrent;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

public class NodeGroupTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_and_goes_is_added_and_removed_exactly_once()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var first = cluster.Nodes.First();
        var second = await cluster.AddAsync(options => options.Tags.Add("worker"));
        await Awaiting.UntilAsync(() => LocalCluster.Sees(first, second).HasTag("worker"));
        var happenings = new ConcurrentQueue<string>();
        var workers = first.Group(TagExpression.Parse("worker & !away").Matches, member => Note("+", member), (member, _) => Note("-", member));
        Assert.Equal(["+" + Name(second)], happenings); // at once
        Assert.Equal("+" + Name(second), Assert.Single(workers.Members).Data);

        await second.AddTagAsync("away", Token);
        await Awaiting.UntilAsync(() => workers.Count == 0);
        await second.SetMetadataAsync("still", "away", Token);
        await second.RemoveTagAsync("away", Token);
        await Awaiting.UntilAsync(() => workers.Count == 1);
        await second.SetMetadataAsync("still", "here", Token); // a change that is none for the group, except to who looks
        await Awaiting.UntilAsync(() => workers.TryFind(second.Id, out var found) && MetadataFilter.IsEqual("still", "here").Matches(found.Member));
        var third = await cluster.AddAsync(options => options.Tags.Add("worker"));
        await Awaiting.UntilAsync(() => workers.Count == 2);
        await cluster.KillAsync(third);
        await Awaiting.UntilAsync(() => workers.Count == 1);
        await workers.DisposeAsync();
        await workers.DisposeAsync();

        string[] expected = ["+" + Name(second), "-" + Name(second), "+" + Name(second), "+" + Name(third), "-" + Name(third), "-" + Name(second)];
        Assert.Equal(expected, happenings);
        Assert.Empty(workers.Members);

        string Note(string sign, ClusterMember member)
        {
            happenings.Enqueue(sign + member.Instance);
            return sign + member.Instance;
        }
    }

    [Fact]
    public async Task A_restart_is_a_removal_and_an_addition_and_the_end_of_the_node_removes_the_rest()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (first, second) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var happenings = new ConcurrentQueue<string>();
        await using var others = first.Group(
            member => !member.IsLocal,
            member =>
            {
                happenings.Enqueue($"+{member.Instance}");
                return 0;
            },
            (member, _) => happenings.Enqueue($"-{member.Instance}"));
        var (address, before) = (LocalCluster.Address(second), Name(second));
        await cluster.KillAsync(second);
        var again = await cluster.AddAsync(cluster.Options(options =>
        {
            options.BindAddress = address;
            options.Seeds.Add(LocalCluster.Address(first));
        }));
        await Awaiting.UntilAsync(() => happenings.Count >= 3);
        await first.StopAsync(Token);
        await Awaiting.UntilAsync(() => happenings.Count >= 4);

        Assert.Equal([$"+{before}", $"-{before}", $"+{Name(again)}", $"-{Name(again)}"], happenings);
    }

    [Fact]
    public async Task Functions_that_throw_harm_neither_group_nor_node()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var first = cluster.Nodes.First();
        var refusals = 0;
        await using var group = first.Group(
            member => member.HasTag("odd") ? throw new InvalidOperationException("condition") : true,
            member => member.HasTag("early") ? throw new InvalidOperationException($"added {++refusals}") : member.Id,
            (_, _) => throw new InvalidOperationException("removed"));
        var odd = await cluster.AddAsync(options => options.Tags.Add("odd"));
        var early = await cluster.AddAsync(options => options.Tags.Add("early"));
        await Awaiting.UntilAsync(() => Volatile.Read(ref refusals) > 0);
        Assert.False(group.TryFind(early.Id, out _));
        await early.RemoveTagAsync("early", Token);
        await Awaiting.UntilAsync(() => group.TryFind(early.Id, out _));
        await cluster.KillAsync(early);
        await Awaiting.UntilAsync(() => !group.TryFind(early.Id, out _));
        await odd.RemoveTagAsync("odd", Token);
        await Awaiting.UntilAsync(() => group.TryFind(odd.Id, out var found) && found.Data == odd.Id);
        Assert.Equal(GossipNodeState.Running, first.State);
    }

    private static string Name(GossipNode node) => $"{node.Instance}";
}
