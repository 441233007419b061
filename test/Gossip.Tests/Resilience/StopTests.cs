using System.Net;
using System.Net.Sockets;
using Gossip.Membership;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>A node that stops or leaves does so whatever hangs, and whatever else is under way.</summary>
public sealed class StopTests
{
    private const int TextType = 300;
    private static readonly TimeSpan ShortStop = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handler_that_hangs_does_not_keep_a_node_from_saying_goodbye()
    {
        await using var other = await LiveNodes.StartAsync();
        var node = await LiveNodes.StartAsync(other, options => options.StopTimeout = ShortStop);
        var handling = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        using var handler = node.Messages.Handle(TextType, async (_, _) =>
        {
            handling.SetResult();
            await never.Task;
        });
        _ = other.Messages.SendAsync(Target.Node(node.Id), TextType, MessagePayload.FromText("hello"), cancellationToken: Cancellation).AsTask();
        await handling.Task.InTime();

        await node.StopAsync(Cancellation).InTime();

        // The goodbye was acknowledged before the stop ended: nobody has to find out by probing.
        await other.SeesAsync(node.Id, MemberState.Left);
        Assert.Equal(GossipNodeState.Stopped, node.State);
        never.SetResult();
    }

    [Fact]
    public async Task A_stop_ends_a_join_that_nobody_answers()
    {
        using var silent = Listen();
        var node = await LiveNodes.StartAsync(options => options.Profile = GossipProfile.Wan);
        var join = node.JoinAsync([silent.LocalEndPoint!.ToString()!], Cancellation);
        using var connection = await silent.AcceptAsync(Cancellation);
        Assert.False(join.IsCompleted);

        await node.StopAsync(Cancellation).InTime();

        Assert.Equal(JoinFailure.Stopped, Assert.Single(await join.InTime()).Failure);
    }

    [Fact]
    public async Task A_stop_ends_a_start()
    {
        using var silent = Listen();
        var node = GossipNode.Create(LiveNodes.Options(options =>
        {
            options.Profile = GossipProfile.Wan;
            options.Seeds.Add(silent.LocalEndPoint!.ToString()!);
        }));
        var start = node.OpenAsync(Cancellation);
        using var connection = await silent.AcceptAsync(Cancellation);
        Assert.Equal(GossipNodeState.Starting, node.State);

        await node.StopAsync(Cancellation).InTime();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.InTime());
        Assert.Equal(GossipNodeState.Stopped, node.State);
    }

    [Fact]
    public async Task A_leave_whose_token_is_cancelled_is_a_leave()
    {
        await using var other = await LiveNodes.StartAsync();
        await using var node = await LiveNodes.StartAsync(other);

        await Record.ExceptionAsync(() => node.LeaveAsync(new CancellationToken(canceled: true)).InTime());

        Assert.Equal(GossipNodeState.Left, node.State);
        await node.SeesAsync(node.Id, MemberState.Left);
        await other.SeesAsync(node.Id, MemberState.Left);

        // It has fallen silent: what arrives is refused.
        var pump = node.Runtime.Pump;
        var refused = await pump.CallAsync((engine, _) => engine.PacketsRefused, Cancellation);
        await pump.CallAsync(
            (engine, now) =>
            {
                engine.OnPacket(now, default, new byte[1]);
                engine.OnPacket(now, default, Ping(other, node));
                return true;
            },
            Cancellation);
        Assert.Equal(refused + 2, await pump.CallAsync((engine, _) => engine.PacketsRefused, Cancellation));
    }

    [Fact]
    public async Task Ticks_end_with_the_node()
    {
        var node = await LiveNodes.StartAsync();
        await using var ticks = node.TicksAsync(TimeSpan.FromDays(1), Cancellation).GetAsyncEnumerator(Cancellation);
        var next = ticks.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);

        await node.StopAsync(Cancellation).InTime();

        Assert.False(await next.InTime());
    }

    private static byte[] Ping(GossipNode from, GossipNode to) => TestPacket.Of(
        from.Instance,
        (ref WireWriter writer) =>
            new ProbeMessage { Sequence = 1, Target = to.Instance }.Write(ref writer, MessageKind.Ping),
        from.Runtime.Identity.ClusterHash);

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }
}
