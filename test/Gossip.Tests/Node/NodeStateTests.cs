using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Which call is possible when, and what enumerations do when the node ends.</summary>
public class NodeStateTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_was_not_started_can_only_be_started_or_stopped()
    {
        await using var cluster = new LocalCluster();
        var node = GossipNode.Create(cluster.Options());

        Assert.Equal(GossipNodeState.Created, node.State);
        Assert.Throws<GossipStateException>(() => node.View);
        Assert.Throws<GossipStateException>(() => node.Id);
        Assert.Throws<GossipStateException>(() => node.WatchAsync(Token));
        await AssertRefusedAsync(node, GossipNodeState.Created);

        await node.StopAsync(Token);
        Assert.Equal(GossipNodeState.Stopped, node.State);
        await Assert.ThrowsAsync<GossipStateException>(() => node.OpenAsync(Token));
    }

    [Fact]
    public async Task A_node_that_left_can_only_join_or_stop()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var node = cluster.Nodes.Single();
        await node.LeaveAsync(Token);
        Assert.Equal(MemberState.Left, node.View.Local.State);
        await AssertRefusedAsync(node, GossipNodeState.Left, but: nameof(GossipNode.JoinAsync));

        Assert.Empty(await node.JoinAsync([], Token));
        Assert.Equal((GossipNodeState.Running, MemberState.Alive), (node.State, node.View.Local.State));
    }

    [Fact]
    public async Task A_stopped_node_still_shows_its_last_view_and_does_nothing_more()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var node = cluster.Nodes.Last();
        await node.StopAsync(Token);
        await node.StopAsync(Token);
        await node.DisposeAsync();

        Assert.Equal(GossipNodeState.Stopped, node.State);
        Assert.Equal(2, node.View.Members.Length);
        await AssertRefusedAsync(node, GossipNodeState.Stopped);
        await Assert.ThrowsAsync<GossipStateException>(() => node.OpenAsync(Token));
    }

    [Fact]
    public async Task A_node_is_started_once()
    {
        await using var cluster = await LocalCluster.StartAsync(1);

        Assert.Equal(GossipNodeState.Running, (await Assert.ThrowsAsync<GossipStateException>(() => cluster.Nodes.Single().OpenAsync(Token))).State);
    }

    [Fact]
    public async Task A_taken_port_fails_the_start_and_says_so()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var options = cluster.Options(options => options.BindAddress = LocalCluster.Address(cluster.Nodes.Single()));

        var error = await Assert.ThrowsAsync<GossipBindException>(() => GossipNode.StartAsync(options, cancellationToken: Token));
        Assert.Contains("already in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_come_with_the_state_before_and_after_and_end_when_the_node_stops()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var a = cluster.Nodes.Single();
        var watching = WatchToEndAsync(a);
        var b = await cluster.AddAsync();
        await cluster.FormedAsync();
        await b.AddTagAsync("web", Token);
        await Awaiting.UntilAsync(() => LocalCluster.Sees(a, b).HasTag("web"));
        await cluster.KillAsync(b);
        await Awaiting.UntilAsync(() => LocalCluster.Sees(a, b).State == MemberState.Dead);
        await a.StopAsync(Token);

        var all = await watching.InTime();
        Assert.Equal((ClusterChangeKind.Added, null, a.Id), (all[0].Kind, all[0].Previous, all[0].Member.Id));
        var changes = all.Where(change => change.Member.Id == b.Id).ToList();
        Assert.Equal((ClusterChangeKind.Added, null, MemberState.Alive), (changes[0].Kind, changes[0].Previous, changes[0].Current!.State));
        Assert.Contains(changes, change => change.Kind == ClusterChangeKind.Updated && !change.Previous!.HasTag("web") && change.Current!.HasTag("web"));
        Assert.Contains(changes, change => change.Kind == ClusterChangeKind.StateChanged && change.Previous!.State != MemberState.Dead && change.Current!.State == MemberState.Dead);
        Assert.All(changes.Skip(1).Zip(changes), pair => Assert.Same(pair.Second.Current, pair.First.Previous));
        Assert.Equal(MemberState.Left, all[^1].Current!.State);
    }

    [Fact]
    public async Task Ticks_bring_the_latest_view_and_end_when_the_node_stops()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var node = cluster.Nodes.Single();
        await using var ticks = node.TicksAsync(Period, Token).GetAsyncEnumerator(Token);
        Assert.True(await ticks.MoveNextAsync().AsTask().InTime());
        Assert.Empty(ticks.Current.Local.Tags);

        await node.AddTagAsync("web", Token);
        do
        {
            Assert.True(await ticks.MoveNextAsync().AsTask().InTime());
        }
        while (!ticks.Current.Local.HasTag("web"));

        await node.StopAsync(Token);
        while (await ticks.MoveNextAsync().AsTask().InTime())
        {
            // Ticks of before the stop may still be there.
        }

        Assert.Equal(MemberState.Left, node.View.Local.State);
    }

    [Fact]
    public async Task A_cancelled_start_leaves_the_port_free()
    {
        await using var cluster = await LocalCluster.StartAsync(1);
        var address = LocalCluster.Address(cluster.Nodes.Single());
        await cluster.Nodes.Single().StopAsync(Token);
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var node = GossipNode.Create(cluster.Options(options =>
        {
            options.BindAddress = address;
            options.Seeds.Add(silent.LocalEndpoint.ToString()!);
        }));
        using var cancellation = new CancellationTokenSource();
        var start = node.OpenAsync(cancellation.Token);
        await Awaiting.UntilAsync(() => silent.Pending());
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.InTime());
        Assert.Equal(GossipNodeState.Stopped, node.State);
        Assert.Equal(address, LocalCluster.Address(await cluster.AddAsync(cluster.Options(options => options.BindAddress = address))));
    }

    private static async Task<List<ClusterChange>> WatchToEndAsync(GossipNode node)
    {
        List<ClusterChange> changes = [];
        await foreach (var change in node.WatchAsync(Token))
        {
            changes.Add(change);
        }

        return changes;
    }

    private static async Task AssertRefusedAsync(GossipNode node, GossipNodeState state, string? but = null)
    {
        var calls = new Dictionary<string, Func<Task>>
        {
            [nameof(node.JoinAsync)] = () => node.JoinAsync([], Token),
            [nameof(node.LeaveAsync)] = () => node.LeaveAsync(Token),
            [nameof(node.UpdateAsync)] = () => node.UpdateAsync(update => update.AddTag("web"), Token),
            [nameof(node.ForgetAsync)] = () => node.ForgetAsync(new NodeId(1), Token),
            [nameof(node.ExplainAsync)] = () => node.ExplainAsync(new NodeId(1), Token),
            [nameof(node.GetHealthScoreAsync)] = () => node.GetHealthScoreAsync(Token),
        };
        foreach (var (name, call) in calls.Where(call => call.Key != but))
        {
            var error = await Assert.ThrowsAsync<GossipStateException>(call);
            Assert.Equal(state, error.State);
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
    }
}
