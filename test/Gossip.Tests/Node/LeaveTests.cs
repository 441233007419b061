using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Node;

public class LeaveTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_leaves_is_known_to_have_left_and_comes_back_as_a_new_life_with_its_facts()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        await b.UpdateAsync(update => update.AddTag("web").Set("k", 1), Token);
        var before = b.Instance;
        await b.LeaveAsync(Token);
        Assert.Equal(GossipNodeState.Left, b.State);
        await Awaiting.UntilAsync(() => cluster.Nodes.Where(node => node != b).All(node => node.View.Find(b.Id)!.State == MemberState.Left));

        Assert.True((await b.JoinAsync([LocalCluster.Address(a)], Token)).Single().Succeeded);
        Assert.Equal(GossipNodeState.Running, b.State);
        Assert.Equal(before.Id, b.Id);
        Assert.True(b.Instance.Generation > before.Generation);
        await cluster.FormedAsync();
        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, b).HasTag("web") && LocalCluster.Sees(node, b).Metadata.ContainsKey("k"));
    }

    [Fact]
    public async Task A_node_that_stops_is_known_to_have_left_and_not_to_have_died()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, b) = (cluster.Nodes.First(), cluster.Nodes.Last());
        await using var changes = a.WatchAsync(Token).GetAsyncEnumerator(Token);
        await b.StopAsync(Token);

        List<MemberState> states = [];
        while (states.LastOrDefault() != MemberState.Left)
        {
            Assert.True(await changes.MoveNextAsync().AsTask().InTime());
            if (changes.Current.Member.Id == b.Id)
            {
                states.Add(changes.Current.Member.State);
            }
        }

        Assert.DoesNotContain(MemberState.Dead, states);
    }

    [Fact]
    public async Task A_stop_ends_by_its_deadline_while_a_handler_hangs_and_others_know_it_all_the_same()
    {
        const int type = MessageTypeNumber.FirstUser;
        await using var cluster = await LocalCluster.StartAsync(1);
        var a = cluster.Nodes.Single();
        var b = await cluster.AddAsync(options => options.StopTimeout = TimeSpan.FromSeconds(1));
        await cluster.FormedAsync();
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        using var handler = b.Messages.Handle(type, async (_, _) =>
        {
            entered.SetResult();
            await release.Task;
        });
        var send = a.Messages.SendAsync(Target.Node(b.Id), type, MessagePayload.Empty, new SendOptions { Delivery = Delivery.Reliable }, Token).AsTask();
        await entered.Task.InTime();

        await b.StopAsync(Token).InTime();
        Assert.Equal(GossipNodeState.Stopped, b.State);
        Assert.False(release.Task.IsCompleted);
        await Awaiting.UntilAsync(() => a.View.Find(b.Id)!.State == MemberState.Left);
        Assert.False((await send.InTime()).Succeeded);
        release.SetResult();
    }

    [Fact]
    public async Task A_stop_whose_caller_has_no_time_says_goodbye_all_the_same()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var b = cluster.Nodes.Last();
        await b.StopAsync(new CancellationToken(canceled: true)).InTime();

        Assert.Equal(GossipNodeState.Stopped, b.State);
        await Awaiting.UntilAsync(() => cluster.Nodes.Where(node => node != b).All(node => node.View.Find(b.Id)!.State == MemberState.Left));
    }
}
