using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.AspNetCore.Tests;

/// <summary>Nodes that are reached through a web server only, among themselves and with nodes of UDP and TCP.</summary>
public sealed class WebSocketTests
{
    private const int ManyBytes = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_of_the_web_alone_are_full_members()
    {
        var cluster = WebNode.NewCluster();
        await using var first = await WebNode.StartAsync(cluster, null);
        await using var second = await WebNode.StartAsync(cluster, first.Url);
        await using var third = await WebNode.StartAsync(cluster, second.Url);
        await WebNode.FormedAsync(first.Node, second.Node, third.Node);

        Assert.Equal(new Uri(second.Url), first.Node.View.Find(second.Node.Id)!.WebAddress);
        Assert.Equal(new IPEndPoint(IPAddress.Any, 0), first.Node.View.Find(second.Node.Id)!.Address);
        await TalkAsync(first.Node, third.Node);
        await TalkAsync(third.Node, second.Node);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task They_work_together_with_nodes_of_sockets(bool tcpOnly, bool isSealed)
    {
        var cluster = WebNode.NewCluster();
        var key = GossipKeys.Generate();
        await using var web = await WebNode.StartAsync(cluster, null, options => Seal(options));
        var sockets = new GossipOptions { ClusterName = cluster, Profile = GossipProfile.Local, BindAddress = "127.0.0.1:0", TcpOnly = tcpOnly, Seeds = { web.Url } };
        sockets.Web.Token = WebNode.Token;
        Seal(sockets);
        await using var node = GossipNode.Create(sockets);
        WebNode.Answer(node);
        await node.OpenAsync(Cancel);
        await using var other = await WebNode.StartAsync(cluster, node.View.Local.Address.ToString(), options => Seal(options));
        await WebNode.FormedAsync(web.Node, node, other.Node);
        await TalkAsync(web.Node, node);
        await TalkAsync(node, other.Node);
        await TalkAsync(other.Node, web.Node);

        void Seal(GossipOptions options)
        {
            if (isSealed)
            {
                options.EncryptionKeys.Add(key);
            }
        }
    }

    [Fact]
    public async Task A_node_behind_a_proxy_is_reached_at_the_proxy()
    {
        var cluster = WebNode.NewCluster();
        var port = Samples.FreePorts.Find(1)[0];
        await using var proxy = await PrefixProxy.StartAsync("/behind", port);
        await using var hidden = await WebNode.StartAsync(cluster, null, reachedAt: $"{proxy.Url}/behind/gossip", port: port);
        await using var open = await WebNode.StartAsync(cluster, hidden.Url);
        await WebNode.FormedAsync(hidden.Node, open.Node);
        await TalkAsync(open.Node, hidden.Node);
        await TalkAsync(hidden.Node, open.Node);
        Assert.True(proxy.Passed > 0);
    }

    [Fact]
    public async Task Who_has_another_token_is_told_so_and_leaves_nothing_behind()
    {
        var cluster = WebNode.NewCluster();
        await using var node = await WebNode.StartAsync(cluster, null);
        await using var stranger = await WebNode.StartAsync(cluster, null, options => options.Web.Token = "another-token-0123456789");
        var result = Assert.Single(await stranger.Node.JoinAsync([node.Url], Cancel));

        Assert.Equal(JoinFailure.TokenRefused, result.Failure);
        Assert.Contains("Web.Token", result.Error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another-token", result.Error.Message, StringComparison.Ordinal);
        Assert.Single(node.Node.View.Members);
        Assert.Single(stranger.Node.View.Members);
        Assert.Equal(0, node.Node.Runtime.Sockets.Counters.ConnectionsAccepted.Value);

        using var client = new HttpClient();
        using var missing = await client.GetAsync(new Uri(node.Url.Replace("ws://", "http://", StringComparison.Ordinal)), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, missing.StatusCode);
        Assert.Contains("bearer token", await missing.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        client.DefaultRequestHeaders.Authorization = new("Bearer", WebNode.Token);
        using var noSocket = await client.GetAsync(missing.RequestMessage!.RequestUri, Cancel);
        Assert.Equal(HttpStatusCode.UpgradeRequired, noSocket.StatusCode);
    }

    [Fact]
    public async Task A_url_at_which_no_node_is_says_so()
    {
        await using var node = await WebNode.StartAsync(WebNode.NewCluster(), null);
        var result = Assert.Single(await node.Node.JoinAsync([node.Url + "/elsewhere"], Cancel));
        Assert.Equal(JoinFailure.Unreachable, result.Failure);
        Assert.Contains("MapGossip", result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_node_is_noticed_and_its_successor_is_let_in()
    {
        var cluster = WebNode.NewCluster();
        await using var first = await WebNode.StartAsync(cluster, null);
        await using var second = await WebNode.StartAsync(cluster, first.Url);
        var victim = await WebNode.StartAsync(cluster, first.Url);
        await WebNode.FormedAsync(first.Node, second.Node, victim.Node);
        await victim.KillAsync();
        await Awaiting.UntilAsync(() => first.Node.View.Find(victim.Node.Id)!.State == MemberState.Dead && second.Node.View.Find(victim.Node.Id)!.State == MemberState.Dead);

        await using var successor = await WebNode.StartAsync(cluster, second.Url, port: new Uri(victim.Url).Port);
        await WebNode.FormedAsync(first.Node, second.Node, successor.Node);
        await TalkAsync(first.Node, successor.Node);
    }

    [Fact]
    public async Task A_broken_link_is_dialled_anew()
    {
        var cluster = WebNode.NewCluster();
        await using var first = await WebNode.StartAsync(cluster, null);
        await using var second = await WebNode.StartAsync(cluster, first.Url);
        await WebNode.FormedAsync(first.Node, second.Node);
        var sockets = first.Node.Runtime.Sockets;
        var dialled = sockets.Counters.ConnectionsDialled.Value;
        sockets.Disconnect(first.Node.View.Find(second.Node.Id)!.Endpoint, static _ => false, new IOException("The test cut it."));
        await TalkAsync(first.Node, second.Node);
        Assert.True(sockets.Counters.ConnectionsDialled.Value > dialled);
    }

    [Fact]
    public async Task Who_connects_and_says_nothing_is_shed()
    {
        await using var node = await WebNode.StartAsync(WebNode.NewCluster(), null);
        using var silent = new ClientWebSocket();
        silent.Options.SetRequestHeader("Authorization", $"Bearer {WebNode.Token}");
        await silent.ConnectAsync(new Uri(node.Url), Cancel);
        await Awaiting.UntilAsync(() => node.Node.Runtime.Sockets.Counters is { ConnectionsAccepted.Value: 1, ConnectionsOpen: 0 });
    }

    [Fact]
    public async Task A_blocked_port_is_gone_round_by_the_web()
    {
        var cluster = WebNode.NewCluster();
        var blocked = Samples.FreePorts.Find(1)[0];
        await using var both = await WebNode.StartAsync(cluster, null, options =>
        {
            options.WebOnly = false;
            options.TcpOnly = true;
            options.BindAddress = "127.0.0.1:0";
            options.AdvertiseAddress = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{blocked}"); // where nobody listens
        });
        await using var other = await WebNode.StartAsync(cluster, both.Url);
        await WebNode.FormedAsync(both.Node, other.Node);
        await TalkAsync(other.Node, both.Node);
        Assert.Equal(blocked, other.Node.View.Find(both.Node.Id)!.Address.Port);
    }

    [Fact]
    public async Task A_text_message_is_no_gossip()
    {
        using var pair = new SocketPair();
        using var server = WebSocket.CreateFromStream(pair.Server, new WebSocketCreationOptions { IsServer = true });
        using var client = WebSocket.CreateFromStream(pair.Client, new WebSocketCreationOptions());
        using var link = new Gossip.Transport.WebSocketLink(server, default);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await link.ReceiveAsync(new byte[16], Cancel));
    }

    [Fact]
    public async Task After_one_direction_ended_the_other_goes_on()
    {
        using var pair = new SocketPair();
        using var link = new Gossip.Transport.WebSocketLink(WebSocket.CreateFromStream(pair.Server, new WebSocketCreationOptions { IsServer = true }), default);
        using var peer = new Gossip.Transport.WebSocketLink(WebSocket.CreateFromStream(pair.Client, new WebSocketCreationOptions()), default);
        var buffer = new byte[16];
        await link.CompleteAsync(Cancel);
        Assert.Equal(0, await peer.ReceiveAsync(buffer, Cancel));
        await peer.SendAsync(new byte[] { 7 }, Cancel);
        await peer.CompleteAsync(Cancel);
        Assert.Equal(1, await link.ReceiveAsync(buffer, Cancel));
        Assert.Equal(7, buffer[0]);
        Assert.Equal(0, await link.ReceiveAsync(buffer, Cancel));
    }

    private static async Task TalkAsync(GossipNode from, GossipNode to)
    {
        var sent = await from.Messages.SendAsync(Target.Node(to.Id), WebNode.Greeting, MessagePayload.FromText("hello"), cancellationToken: Cancel);
        Assert.True(sent.Succeeded, string.Join(", ", sent.Targets));
        var reply = await from.Messages.RequestAsync(to.Id, WebNode.Question, MessagePayload.FromText("there?"), cancellationToken: Cancel);
        Assert.Equal("re: there?", reply.ReadText());

        var bytes = new byte[ManyBytes];
        new Random(1).NextBytes(bytes);
        await using var stream = await from.Streams.OpenAsync(to.Id, WebNode.Copy, cancellationToken: Cancel);
        var writing = WriteAsync();
        using var back = new MemoryStream();
        await stream.Input.CopyToAsync(back, Cancel);
        await writing;
        Assert.Equal(bytes, back.ToArray());

        async Task WriteAsync()
        {
            await stream.Output.WriteAsync(bytes, Cancel);
            await stream.Output.CompleteAsync();
        }
    }

    /// <summary>Two ends of one TCP connection.</summary>
    private sealed class SocketPair : IDisposable
    {
        public SocketPair()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var client = new TcpClient();
            client.Connect((IPEndPoint)listener.LocalEndpoint);
            Client = client.GetStream();
            Server = listener.AcceptTcpClient().GetStream();
        }

        public NetworkStream Client { get; }

        public NetworkStream Server { get; }

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
