using System.Text;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Sealing;

public sealed class SealedClusterTests
{
    private const int Type = 300;
    private static readonly SendOptions Reliable = new() { Delivery = Delivery.Reliable };
    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nodes_with_one_key_form_a_cluster_and_talk(bool tcpOnly)
    {
        await using var a = await StartAsync(SealBench.Key, options => options.TcpOnly = tcpOnly);
        await using var b = await StartAsync(SealBench.Key, options => Seed(options, a));
        await TogetherAsync(a, b);
        await ConverseAsync(a, b);

        Assert.Equal(0, a.Runtime.Seals.BadTag.Value + b.Runtime.Seals.BadTag.Value);
        Assert.True(b.Runtime.Seals.Opened.Value > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_taps_the_wire_learns_nothing_from_a_sealed_conversation(bool keyed)
    {
        await using var tapA = new WireTap();
        await using var tapB = new WireTap();
        var key = keyed ? SealBench.Key : null;
        var a = await StartAsync(key, options => Tapped(options, tapA));
        tapA.LeadTo(a.Runtime.Sockets.LocalEndpoint.ToIPEndPoint());
        var b = await StartAsync(key, options =>
        {
            Tapped(options, tapB);
            options.Seeds.Add(tapA.Address);
        });
        tapB.LeadTo(b.Runtime.Sockets.LocalEndpoint.ToIPEndPoint());
        await TogetherAsync(a, b);
        await ConverseAsync(a, b);
        await b.StopAsync(Cancellation);
        await a.StopAsync(Cancellation);

        byte[] captured = [.. tapA.Captured, .. tapB.Captured];
        string[] secrets = ["a-secret-tag", "a-secret-key", "a-secret-value", "a-secret-message", "a-secret-broadcast", "a-secret-question", "a-secret-reply"];
        foreach (var secret in secrets)
        {
            // In plaintext all of them are found: the tap does hear everything.
            Assert.True(keyed == (captured.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0), secret);
        }
    }

    [Fact]
    public async Task Keys_are_rotated_under_traffic_without_a_failure()
    {
        await using var a = await StartAsync(SealBench.Key);
        await using var b = await StartAsync(SealBench.Key, options => Seed(options, a));
        await using var c = await StartAsync(SealBench.Key, options => Seed(options, a));
        GossipNode[] nodes = [a, b, c];
        await TogetherAsync(nodes);
        using var atB = b.Messages.Handle(Type, (_, _) => ValueTask.CompletedTask);
        using var atC = c.Messages.Handle(Type, (_, _) => ValueTask.CompletedTask);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var sent = 0;
        var traffic = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var result = await a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("on and on"), Reliable, Cancellation);
                    Assert.True(result.Succeeded, string.Join(", ", result.Targets));
                    Assert.Equal(2, result.Targets.Length);
                    Interlocked.Increment(ref sent);
                }
            },
            Cancellation);

        var old = a.Keys.Primary!;
        Action<GossipNode>[] steps =
        [
            node => node.Keys.Add(SealBench.OtherKey),
            node => node.Keys.Use(SealBench.OtherKey),
            node => node.Keys.Remove(old),
        ];
        foreach (var step in steps)
        {
            foreach (var node in nodes)
            {
                step(node);
                await MoreAsync(); // some nodes have made the step, and some have not
            }
        }

        await stop.CancelAsync();
        await traffic.InTime();
        Assert.All(nodes, node => Assert.Equal(nodes.Length, node.View.InState(MemberState.Alive).Count()));

        await using var late = await StartAsync(SealBench.OtherKey, options => Seed(options, a));
        await TogetherAsync([.. nodes, late]);

        async Task MoreAsync()
        {
            var until = Volatile.Read(ref sent) + 20;
            await Awaiting.UntilAsync(() => Volatile.Read(ref sent) >= until || traffic.IsCompleted);
        }
    }

    [Theory]
    [InlineData(SealBench.Key, SealBench.OtherKey)]
    [InlineData(SealBench.Key, null)]
    [InlineData(null, SealBench.Key)]
    public async Task Without_a_common_key_no_state_changes_and_both_sides_learn_why(string? here, string? there)
    {
        var logs = new LogLines();
        await using var a = await StartAsync(here, logs: logs);
        await using var b = await StartAsync(there);

        var result = Assert.Single(await b.JoinAsync([a.View.Local.Address.ToString()], Cancellation));
        Assert.Equal(JoinFailure.KeyMismatch, result.Failure);
        Assert.Contains("EncryptionKeys", result.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("ClusterName", result.Error.Message, StringComparison.Ordinal);
        Assert.Single(a.View.Members);
        Assert.Single(b.View.Members);
        var warning = await logs.FirstAsync("was refused");
        Assert.Contains("127.0.0.1:", warning, StringComparison.Ordinal);
        Assert.Contains("EncryptionKeys", warning, StringComparison.Ordinal);
        Assert.DoesNotContain(SealBench.Key, warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SealBench.Key, null)]
    [InlineData(null, SealBench.Key)]
    public async Task Allowing_plaintext_lets_none_of_it_into_a_cluster_with_keys(string? here, string? there)
    {
        await using var a = await StartAsync(here, options => options.AllowPlaintext = true);
        await using var b = await StartAsync(there, options => options.AllowPlaintext = true);

        var result = Assert.Single(await b.JoinAsync([a.View.Local.Address.ToString()], Cancellation));
        Assert.Equal(JoinFailure.KeyMismatch, result.Failure);
        Assert.Single(a.View.Members);
        Assert.Single(b.View.Members);
        Assert.Equal(0, a.Runtime.Seals.Opened.Value + b.Runtime.Seals.Opened.Value);
    }

    [Fact]
    public async Task One_key_in_two_clusters_joins_nothing()
    {
        await using var a = await StartAsync(SealBench.Key);
        await using var b = await StartAsync(SealBench.Key, options => options.ClusterName = "another");

        var result = Assert.Single(await b.JoinAsync([a.View.Local.Address.ToString()], Cancellation));
        Assert.Equal(JoinFailure.KeyMismatch, result.Failure);
        Assert.Single(a.View.Members);
        Assert.Single(b.View.Members);
    }

    [Fact]
    public async Task The_smallest_datagrams_have_room_for_seals()
    {
        await using var a = await StartAsync(SealBench.Key, options => options.MaxDatagramSize = 576);
        await using var b = await StartAsync(SealBench.Key, options =>
        {
            options.MaxDatagramSize = 576;
            Seed(options, a);
        });
        await TogetherAsync(a, b);
        using var handler = b.Messages.Handle(Type, (_, _) => ValueTask.CompletedTask);

        // Around the limit, where a message becomes a frame.
        for (var size = 350; size <= 576; size++)
        {
            Assert.True((await a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromBytes(new byte[size]), BestEffort, cancellationToken: Cancellation)).Succeeded);
        }

        Assert.Equal(0, a.Runtime.Sockets.Counters.Oversize.Value);
        Assert.Equal(0, a.Runtime.Sockets.Counters.DatagramsDropped.Value);
    }

    private static async Task ConverseAsync(GossipNode a, GossipNode b)
    {
        await a.UpdateAsync(update => update.AddTag("a-secret-tag").Set("a-secret-key", "a-secret-value"), Cancellation);
        await Awaiting.UntilAsync(() => b.View.Find(a.Id) is { Tags.Count: 1 } member && member.Metadata.ContainsKey("a-secret-key"));

        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var message = b.Messages.Handle(Type, (_, _) => ValueTask.CompletedTask);
        using var broadcast = b.Messages.Handle(Type + 1, (_, _) =>
        {
            heard.TrySetResult();
            return ValueTask.CompletedTask;
        });
        using var request = b.Messages.HandleRequest(Type, (_, _) => ValueTask.FromResult(MessagePayload.FromText("a-secret-reply")));
        var result = await a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromText("a-secret-message"), Reliable, Cancellation);
        Assert.True(result.Succeeded, string.Join(", ", result.Targets));
        await a.Messages.SendAsync(Target.All, Type + 1, MessagePayload.FromText("a-secret-broadcast"), BestEffort, cancellationToken: Cancellation);
        await heard.Task.InTime();
        var reply = await a.Messages.RequestAsync(b.Id, Type, MessagePayload.FromText("a-secret-question"), cancellationToken: Cancellation);
        Assert.Equal("a-secret-reply", reply.ReadText());
    }

    private static Task<GossipNode> StartAsync(string? key, Action<GossipOptions>? change = null, LogLines? logs = null)
    {
        var options = new GossipOptions { BindAddress = "127.0.0.1:0", Profile = GossipProfile.Local };
        if (key is not null)
        {
            options.EncryptionKeys.Add(key);
        }

        change?.Invoke(options);
        return GossipNode.StartAsync(options, logs, cancellationToken: Cancellation);
    }

    private static void Seed(GossipOptions options, GossipNode seed) => options.Seeds.Add(seed.View.Local.Address.ToString());

    private static void Tapped(GossipOptions options, WireTap tap) => options.AdvertiseAddress = tap.Address;

    private static Task TogetherAsync(params GossipNode[] nodes) => Awaiting.UntilAsync(
        () => nodes.All(node => nodes.All(other => node.View.Find(other.Id) is { State: MemberState.Alive })));
}
