using Gossip.Tests.Resilience;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Sealing;

/// <summary>Keys are changed on all members from one of them, while they talk.</summary>
public sealed class KeyRotationTests
{
    private const int Type = 300;
    private static readonly SendOptions Reliable = new() { Delivery = Delivery.Reliable, Timeout = TimeSpan.FromSeconds(30) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(GossipCipher.Aes256Gcm)]
    [InlineData(GossipCipher.ChaCha20Poly1305)]
    public async Task All_keys_are_changed_under_traffic_and_nothing_is_lost(GossipCipher cipher)
    {
        await using var nodes = await SealedNodes.StartAsync(3, SealBench.Key, profile: GossipProfile.Lan); // where a busy machine is no reason for suspicion
        var (a, old, next) = (nodes[0], nodes[0].Keys.Primary!, (cipher == GossipCipher.Aes256Gcm ? "" : "chacha20-poly1305:") + SealBench.OtherKey);
        var handled = 0;
        foreach (var node in nodes.Skip(1))
        {
            node.Messages.Handle(Type, (_, _) =>
            {
                Interlocked.Increment(ref handled);
                return ValueTask.CompletedTask;
            });
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var sent = 0;
        var traffic = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var result = await a.Messages.SendAsync(Target.All, Type, MessagePayload.FromText("on and on"), Reliable, Cancellation);
                    Assert.True(result.Succeeded, string.Join(", ", result.Targets));
                    Interlocked.Add(ref sent, result.Targets.Length);
                }
            },
            Cancellation);

        await MoreAsync();
        AllSucceeded(await nodes[1].Keys.InstallAsync(next, Cancellation));
        Assert.All(nodes, node => Assert.Equal(old, node.Keys.Primary));
        await MoreAsync();
        AllSucceeded(await nodes[2].Keys.UseAsync(next, cancellationToken: Cancellation));
        Assert.All(nodes, node => Assert.NotEqual(old, node.Keys.Primary));
        await MoreAsync();
        var last = await a.Keys.RemoveAsync(old, cancellationToken: Cancellation);
        AllSucceeded(last);
        await MoreAsync();
        await stop.CancelAsync();
        await traffic.InTime();

        Assert.Equal(sent, Volatile.Read(ref handled));
        Assert.All(last.Members, member => Assert.Equal(cipher, Assert.Single(member.Keys).Cipher));
        Assert.All(nodes, node => Assert.Equal(nodes.Count, node.View.InState(MemberState.Alive).Count()));
        Assert.All(nodes, node => Assert.Equal(0, node.Runtime.Counters[MemberState.Suspect]));

        void AllSucceeded(KeyChangeResult result)
        {
            Assert.True(result.Succeeded, string.Join(", ", result.Failed));
            Assert.Equal(nodes.Select(node => node.Id).Order(), result.Members.Select(member => member.Member.Id).Order());
        }

        // Until messages and probes have gone by the keys of this step.
        Task MoreAsync()
        {
            var until = Volatile.Read(ref sent) + 40;
            var heard = nodes.Select(Heard).ToArray();
            return Awaiting.UntilAsync(() => traffic.IsCompleted
                || (Volatile.Read(ref sent) >= until && nodes.Select(Heard).Zip(heard, (now, before) => now - before).All(more => more >= 4)));
        }

        static long Heard(GossipNode node) => node.Runtime.Sockets.Counters.DatagramsIn.Value;
    }

    [Fact]
    public async Task A_key_is_used_only_when_all_have_it_and_removed_only_when_none_seals_under_it()
    {
        await using var nodes = await SealedNodes.StartAsync(3, SealBench.Key);
        var (a, b, old) = (nodes[0], nodes[1], nodes[0].Keys.Primary!);
        await Assert.ThrowsAsync<GossipKeyException>(() => a.Keys.UseAsync(SealBench.OtherKey, cancellationToken: Cancellation));
        a.Keys.Add(SealBench.OtherKey);
        b.Keys.Add(SealBench.OtherKey);

        var lacking = await Assert.ThrowsAsync<GossipKeyChangeException>(() => a.Keys.UseAsync(SealBench.OtherKey, cancellationToken: Cancellation));
        Assert.Equal(nodes[2].Instance, Assert.Single(lacking.Members).Member);
        Assert.Contains($"{nodes[2].Instance} lacks it", lacking.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(SealBench.OtherKey, lacking.Message, StringComparison.Ordinal);
        Assert.All(nodes, node => Assert.Equal(old, node.Keys.Primary));

        Assert.True((await b.Keys.InstallAsync(SealBench.OtherKey, Cancellation)).Succeeded);
        b.Keys.Use(SealBench.OtherKey);
        var inUse = await Assert.ThrowsAsync<GossipKeyChangeException>(() => a.Keys.RemoveAsync(SealBench.OtherKey, cancellationToken: Cancellation));
        Assert.Equal(b.Instance, Assert.Single(inUse.Members).Member);
        Assert.Contains("seals what this node sends", (await Assert.ThrowsAsync<GossipKeyException>(() => a.Keys.RemoveAsync(old, cancellationToken: Cancellation))).Message, StringComparison.Ordinal);

        // Forced, it goes on; whoever seals under the key keeps it.
        var forced = await a.Keys.RemoveAsync(SealBench.OtherKey, force: true, Cancellation);
        Assert.Equal(b.Instance, Assert.Single(forced.Failed).Member);
        Assert.Equal(2, b.Keys.Ids.Count);
    }

    [Fact]
    public async Task A_member_that_allows_no_changes_says_so_and_changes_nothing()
    {
        var logs = new LogLines();
        await using var nodes = await SealedNodes.StartAsync(1, SealBench.Key);
        await nodes.AddAsync(options => options.AllowKeyChanges = false, logs);
        var strict = nodes[1];

        var result = await nodes[0].Keys.InstallAsync(SealBench.OtherKey, Cancellation);
        Assert.Equal(strict.Instance, Assert.Single(result.Failed).Member);
        Assert.Contains("AllowKeyChanges", Assert.Single(result.Failed).Error!.Message, StringComparison.Ordinal);
        Assert.Single(strict.Keys.Ids);
        Assert.Contains("was refused", await logs.FirstAsync("asked this node to change its keys"), StringComparison.Ordinal);

        strict.Keys.Add(SealBench.OtherKey);
        var refused = await Assert.ThrowsAsync<GossipKeyChangeException>(() => nodes[0].Keys.UseAsync(SealBench.OtherKey, cancellationToken: Cancellation));
        Assert.Contains("does not allow changes", refused.Message, StringComparison.Ordinal);

        // It may give orders itself, and is asked what it has.
        Assert.True((await strict.Keys.UseAsync(SealBench.OtherKey, cancellationToken: Cancellation)).Succeeded);
        var listed = await nodes[0].Keys.ListAsync(Cancellation);
        Assert.True(listed.Succeeded);
        Assert.Equal(listed.Members[0].Keys.Select(key => key.Fingerprint), listed.Members[1].Keys.Select(key => key.Fingerprint));
    }

    [Fact]
    public async Task A_change_is_logged_with_who_made_it_and_without_the_key()
    {
        var logs = new LogLines();
        await using var nodes = await SealedNodes.StartAsync(1, SealBench.Key);
        await nodes.AddAsync(logs: logs);

        await nodes[0].Keys.InstallAsync(SealBench.OtherKey, Cancellation);
        var line = await logs.FirstAsync("changed the keys of this node");
        Assert.Contains(nodes[0].Instance.ToString(), line, StringComparison.Ordinal);
        Assert.Contains("EncryptionKeys", line, StringComparison.Ordinal);
        Assert.DoesNotContain(SealBench.OtherKey, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_was_away_while_keys_were_changed_learns_what_to_do_as_does_who_it_asks()
    {
        var (here, there) = (new LogLines(), new LogLines());
        await using var nodes = await SealedNodes.StartAsync(1, SealBench.Key, here);
        nodes[0].Keys.Add(SealBench.OtherKey);
        nodes[0].Keys.Use(SealBench.OtherKey);
        await using var late = await GossipNode.StartAsync(LiveNodes.Options(options => options.EncryptionKeys.Add(SealBench.Key)), there, cancellationToken: Cancellation);

        // Its packets open, for the old key is not removed yet; what it gets in answer does not.
        var result = Assert.Single(await late.JoinAsync([nodes[0].Address()], Cancellation));
        Assert.Equal(JoinFailure.KeyMismatch, result.Failure);
        Assert.Contains("if keys were changed while this node was away", result.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("put the present key first", await there.FirstAsync("was refused"), StringComparison.Ordinal);
        Assert.Contains(nodes[0].Keys.Primary!, await here.FirstAsync("cannot read what this node seals"), StringComparison.Ordinal);
        Assert.Single(nodes[0].View.Members);
        Assert.Single(late.View.Members);

        // With the new key at hand it comes in, whichever it seals under.
        await using var told = await LiveNodes.StartAsync(nodes[0], options =>
        {
            options.EncryptionKeys.Add(SealBench.Key);
            options.EncryptionKeys.Add(SealBench.OtherKey);
        });
    }

    [Fact]
    public async Task Without_keys_there_is_nothing_to_rotate()
    {
        await using var a = await LiveNodes.StartAsync();
        await using var b = await LiveNodes.StartAsync(a);
        Func<Task>[] calls =
        [
            () => a.Keys.ListAsync(Cancellation),
            () => a.Keys.InstallAsync(SealBench.Key, Cancellation),
            () => a.Keys.UseAsync(SealBench.Key, cancellationToken: Cancellation),
            () => a.Keys.RemoveAsync(SealBench.Key, cancellationToken: Cancellation),
        ];
        foreach (var call in calls)
        {
            Assert.Contains("EncryptionKeys", (await Assert.ThrowsAsync<GossipKeyException>(call)).Message, StringComparison.Ordinal);
        }

        // And whoever asks all the same is not answered with more than a refusal.
        var order = new Gossip.Wire.KeyOrder(Gossip.Wire.KeyAction.List, default).Encode();
        var (_, answer) = await a.Messages.AskAsync(b.Id, Gossip.Node.KeyCourier.OrderType, MessagePayload.FromBytes(order), TimeSpan.FromMilliseconds(50), Cancellation);
        Assert.NotEqual(SendOutcome.Handled, answer.Outcome);
    }

    [Fact]
    public async Task A_member_that_does_not_answer_holds_up_the_change_and_is_named()
    {
        await using var nodes = await SealedNodes.StartAsync(2, SealBench.Key);
        await nodes[0].Keys.InstallAsync(SealBench.OtherKey, Cancellation);
        await nodes.KillAsync(1);

        var silent = await Assert.ThrowsAsync<GossipKeyChangeException>(() => nodes[0].Keys.UseAsync(SealBench.OtherKey, cancellationToken: Cancellation));
        Assert.Contains("did not answer", silent.Message, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(silent.Members).Error);
    }

    [Fact]
    public async Task A_whole_rotation_on_the_wire_shows_neither_words_nor_keys()
    {
        await using var tapA = new WireTap();
        await using var tapB = new WireTap();
        await using var nodes = await SealedNodes.StartAsync(0, SealBench.Key);
        var a = await nodes.AddAsync(options => options.AdvertiseAddress = tapA.Address);
        tapA.LeadTo(a.Runtime.Sockets.LocalEndpoint.ToIPEndPoint());
        var b = await nodes.AddAsync(options => options.AdvertiseAddress = tapB.Address, seed: tapA.Address, isTapped: true);
        tapB.LeadTo(b.Runtime.Sockets.LocalEndpoint.ToIPEndPoint());
        await a.SeesAsync(b.Id, MemberState.Alive);
        await b.SeesAsync(a.Id, MemberState.Alive);
        b.Messages.Handle(Type, (_, _) => ValueTask.CompletedTask);

        Assert.True((await a.Keys.InstallAsync(SealBench.OtherKey, Cancellation)).Succeeded);
        Assert.True((await a.Keys.UseAsync(SealBench.OtherKey, cancellationToken: Cancellation)).Succeeded);
        var result = await a.Messages.SendAsync(Target.Node(b.Id), Type, MessagePayload.FromText("a-secret-message"), Reliable, Cancellation);
        Assert.True(result.Succeeded, string.Join(", ", result.Targets));
        Assert.True((await a.Keys.RemoveAsync(SealBench.Key, cancellationToken: Cancellation)).Succeeded);
        await nodes.DisposeAsync();

        byte[] captured = [.. tapA.Captured, .. tapB.Captured];
        byte[][] secrets = ["a-secret-message"u8.ToArray(), Gossip.Wire.RingKey.Parse(SealBench.OtherKey).Bytes.ToArray(), Gossip.Wire.RingKey.Parse(SealBench.Key).Bytes.ToArray()];
        Assert.NotEmpty(captured);
        Assert.All(secrets, secret => Assert.True(captured.AsSpan().IndexOf(secret) < 0));
    }

    [Fact]
    public async Task A_client_that_was_given_the_new_key_goes_on_through_a_change()
    {
        await using var nodes = await SealedNodes.StartAsync(2, SealBench.Key);
        foreach (var node in nodes)
        {
            node.Messages.HandleRequest(Type, (context, _) => ValueTask.FromResult(context.Payload));
        }

        var options = LiveNodes.Options(options =>
        {
            options.Client = true;
            options.EncryptionKeys.Add(SealBench.Key);
            options.Seeds.Add(nodes[0].Address());
        });
        await using var client = await GossipNode.StartAsync(options, cancellationToken: Cancellation);
        await Awaiting.UntilAsync(() => nodes.All(node => client.View.Find(node.Id) is { State: MemberState.Alive }));

        // It gives orders like any other, and is asked by nobody.
        Assert.True((await client.Keys.InstallAsync(SealBench.OtherKey, Cancellation)).Succeeded);
        Assert.Equal(nodes.Count, (await nodes[0].Keys.ListAsync(Cancellation)).Members.Count);
        Assert.True((await nodes[0].Keys.UseAsync(SealBench.OtherKey, cancellationToken: Cancellation)).Succeeded);
        await AskAsync();
        client.Keys.Use(SealBench.OtherKey);
        Assert.True((await nodes[1].Keys.RemoveAsync(SealBench.Key, cancellationToken: Cancellation)).Succeeded);
        await AskAsync();

        async Task AskAsync()
        {
            foreach (var node in nodes)
            {
                var reply = await client.Messages.RequestAsync(node.Id, Type, MessagePayload.FromText("still there?"), new RequestOptions { IsIdempotent = true, Timeout = TimeSpan.FromSeconds(20) }, Cancellation);
                Assert.Equal("still there?", reply.ReadText());
            }
        }
    }
}
