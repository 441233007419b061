using System.Collections.Concurrent;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Nodes that talk to a cluster without being members of it.</summary>
public class ClientTests
{
    private const int Type = MessageTypeNumber.FirstUser;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_sees_the_members_and_no_member_sees_the_client()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        await using var client = await StartAsync(cluster);
        await SeesAllAsync(client, cluster);

        await cluster.Nodes.Last().AddTagAsync("late", Token);
        await Awaiting.UntilAsync(() => LocalCluster.Sees(client, cluster.Nodes.Last()).HasTag("late"));

        Assert.All(cluster.Nodes, node => Assert.Equal(3, node.View.Members.Length));
        Assert.Equal(NodeEndpoint.Nowhere, client.RuntimeOrNull!.Sockets.LocalEndpoint);
        Assert.Equal(0, client.RuntimeOrNull!.Sockets.Counters.ConnectionsAccepted.Value);
    }

    [Fact]
    public async Task A_client_sends_asks_and_tells_everybody()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var told = new ConcurrentBag<(NodeId Node, NodeInstance From, string Text)>();
        foreach (var node in cluster.Nodes)
        {
            node.Messages.Handle(Type, (context, _) =>
            {
                told.Add((node.Id, context.Sender, context.ReadText()));
                return default;
            });
            node.Messages.HandleRequest(Type, (context, _) => ValueTask.FromResult(MessagePayload.FromText(context.ReadText() + "!")));
        }

        await using var client = await StartAsync(cluster);
        await SeesAllAsync(client, cluster);
        var last = cluster.Nodes.Last();

        Assert.Equal("hello!", (await client.Messages.RequestAsync(last.Id, Type, MessagePayload.FromText("hello"), cancellationToken: Token)).ReadText());

        var one = await client.Messages.SendAsync(Target.Node(last.Id), Type, MessagePayload.FromText("one"), cancellationToken: Token);
        Assert.Equal(SendOutcome.Handled, Assert.Single(one.Targets).Outcome);
        var all = await client.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("all"), cancellationToken: Token);
        Assert.Equal(3, all.Targets.Count(target => target.Outcome == SendOutcome.Handled));
        await client.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("fast"), new SendOptions { Delivery = Delivery.BestEffort }, Token);
        await Awaiting.UntilAsync(() => told.Count == 7);

        Assert.Equal(3, told.Count(message => message.Text == "fast"));
        Assert.All(told, message => Assert.Equal(client.Instance, message.From));
    }

    [Fact]
    public async Task A_member_that_a_client_spoke_to_sends_to_it_and_asks_it_for_as_long_as_it_is_there()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var last = cluster.Nodes.Last();
        var answers = new ConcurrentQueue<string>();
        last.Messages.Handle(Type, async (context, token) =>
        {
            var sent = await last.Messages.SendAsync(Target.Node(context.Sender.Id), Type, MessagePayload.FromText("sent"), cancellationToken: token);
            answers.Enqueue(sent.Targets[0].Outcome.ToString());
            var fast = new SendOptions { Delivery = Delivery.BestEffort };
            sent = await last.Messages.SendAsync(Target.Node(context.Sender.Id), Type, MessagePayload.FromText("fast"), fast, token);
            answers.Enqueue(sent.Targets[0].Outcome.ToString());
            answers.Enqueue((await last.Messages.RequestAsync(context.Sender.Id, Type, MessagePayload.FromText("asked"), cancellationToken: token)).ReadText());
        });

        await using var client = await StartAsync(cluster);
        await SeesAllAsync(client, cluster);
        var heard = new ConcurrentQueue<string>();
        client.Messages.Handle(Type, (context, _) =>
        {
            heard.Enqueue(context.ReadText());
            return default;
        });
        client.Messages.HandleRequest(Type, (context, _) => ValueTask.FromResult(MessagePayload.FromText(context.ReadText() + "!")));
        var id = client.Id;
        var told = await client.Messages.SendAsync(Target.Node(last.Id), Type, MessagePayload.FromText("here I am"), cancellationToken: Token);

        Assert.True(told.Succeeded);
        Assert.Equal(["Handled", "Sent", "asked!"], answers);
        await Awaiting.UntilAsync(() => heard.Count == 2);
        Assert.Equal(["fast", "sent"], heard.Order(StringComparer.Ordinal));

        await client.StopAsync(Token);
        await Awaiting.UntilAsync(async () =>
            (await last.Messages.SendAsync(Target.Node(id), Type, MessagePayload.FromText("gone"), cancellationToken: Token)).Targets[0].Outcome == SendOutcome.Unreachable);
    }

    [Fact]
    public async Task A_client_turns_to_another_member_when_its_contact_is_killed()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        await using var client = await StartAsync(cluster);
        await SeesAllAsync(client, cluster);

        var contact = cluster.Nodes.First(); // the only one that it was told of
        await cluster.KillAsync(contact);
        await Awaiting.UntilAsync(() => client.View.Find(contact.Id)!.State == MemberState.Dead);
        var newcomer = await cluster.AddAsync();
        await Awaiting.UntilAsync(() => LocalCluster.Sees(client, newcomer).State == MemberState.Alive);
        await newcomer.DisposeAsync();
        await Awaiting.UntilAsync(() => LocalCluster.Sees(client, newcomer).State == MemberState.Left);
    }

    [Fact]
    public async Task A_client_whose_cluster_is_gone_finds_the_next_one_at_its_seed()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        await using var client = await StartAsync(cluster);
        await SeesAllAsync(client, cluster);

        var old = cluster.Nodes.ToArray();
        var address = LocalCluster.Address(old[0]);
        foreach (var node in old)
        {
            await cluster.KillAsync(node);
        }

        await Awaiting.UntilAsync(() => client.View.Members.Length == 1);
        await cluster.AddAsync(cluster.Options(options => (options.BindAddress, options.NodeId) = (address, Guid.NewGuid().ToString())));
        await SeesAllAsync(client, cluster);
        Assert.All(old, node => Assert.Null(client.View.Find(node.Id)));
    }

    [Fact]
    public async Task A_client_that_starts_first_finds_its_cluster_later()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync();
        var address = LocalCluster.Address(first);
        await cluster.KillAsync(first);

        await using var client = await GossipNode.StartAsync(Options(cluster, address), cancellationToken: Token);
        Assert.Equal(GossipNodeState.Running, client.State);
        await cluster.AddAsync(cluster.Options(options => options.BindAddress = address));
        await SeesAllAsync(client, cluster);
    }

    [Fact]
    public async Task A_client_of_a_sealed_cluster_needs_the_key()
    {
        var key = GossipKeys.Generate();
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync(options => options.EncryptionKeys.Add(key));
        await cluster.AddAsync(options => options.EncryptionKeys.Add(key));
        first.Messages.HandleRequest(Type, (context, _) => ValueTask.FromResult(MessagePayload.FromText(context.ReadText() + "!")));

        await using var friend = await StartAsync(cluster, options => options.EncryptionKeys.Add(key));
        await SeesAllAsync(friend, cluster);
        Assert.Equal("open!", (await friend.Messages.RequestAsync(first.Id, Type, MessagePayload.FromText("open"), cancellationToken: Token)).ReadText());

        await using var stranger = await StartAsync(cluster);
        var result = Assert.Single(await stranger.JoinAsync([LocalCluster.Address(first)], Token));
        Assert.Equal(JoinFailure.KeyMismatch, result.Failure);
        Assert.Single(stranger.View.Members);
    }

    [Fact]
    public async Task A_client_reads_and_changes_the_table_and_has_no_seat()
    {
        await using var cluster = new LocalCluster();
        var first = await cluster.AddAsync(options => options.Table = new TableOptions { Founding = TableFounding.Single });
        await cluster.AddAsync(options => options.Table = new TableOptions { Founding = TableFounding.Never });
        await using var client = await StartAsync(cluster, options => options.Table = new TableOptions());

        var before = await client.Table.ReadAllAsync(Token);
        Assert.True(await client.Table.InsertRowAsync("a", new byte[] { 7 }, before.Version, isTerminal: false, Token));
        var there = await first.Table.ReadAllAsync(Token);
        Assert.Equal("a", Assert.Single(there.Rows).Key);
        Assert.Equal(before.Version.Number + 1, there.Version.Number);
        Assert.False(await client.Table.InsertRowAsync("b", new byte[] { 8 }, before.Version, isTerminal: false, Token)); // an old version

        await Assert.ThrowsAsync<NotSupportedException>(() => client.Table.HeartbeatAsync("a", DateTimeOffset.UtcNow, Token));
        await cluster.KillAsync(cluster.Nodes.Last()); // which may hold a seat
        await client.LeaveAsync(Token);
        Assert.Equal(GossipNodeState.Left, client.State);
        await client.JoinAsync([LocalCluster.Address(first)], Token);
        await Awaiting.UntilAsync(() => LocalCluster.Sees(client, first).State == MemberState.Alive);
    }

    private static Task<GossipNode> StartAsync(LocalCluster cluster, Action<GossipOptions>? configure = null) =>
        GossipNode.StartAsync(Options(cluster, LocalCluster.Address(cluster.Nodes.First()), configure), cancellationToken: Token);

    private static GossipOptions Options(LocalCluster cluster, string seed, Action<GossipOptions>? configure = null) => cluster.Options(options =>
    {
        options.Client = true;
        options.Seeds.Add(seed);
        configure?.Invoke(options);
    });

    private static Task SeesAllAsync(GossipNode client, LocalCluster cluster) =>
        Awaiting.UntilAsync(() => cluster.Nodes.All(node => LocalCluster.Sees(client, node).State == MemberState.Alive));
}
