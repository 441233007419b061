using System.Net;
using System.Net.Sockets;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Resilience;

public sealed class PumpFailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_whose_pump_fails_stops_and_gives_everything_back()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var clock = new BreakableClock();
        var node = await GossipNode.StartAsync(LiveNodes.Options(options => options.Profile = GossipProfile.Wan), timeProvider: clock, cancellationToken: Cancellation);
        var address = node.View.Local.Address;
        var join = node.JoinAsync([silent.LocalEndPoint!.ToString()!], Cancellation);
        using var connection = await silent.AcceptAsync(Cancellation);
        await using var ticks = node.TicksAsync(TimeSpan.FromDays(1), Cancellation).GetAsyncEnumerator(Cancellation);
        var tick = ticks.MoveNextAsync().AsTask();
        var changes = Task.Run(
            async () =>
            {
                await foreach (var _ in node.WatchAsync(Cancellation))
                {
                }
            },
            Cancellation);

        clock.Broken = true;
        var call = node.AddTagAsync("late", Cancellation);

        await Assert.ThrowsAsync<GossipStateException>(() => call.InTime());
        await Awaiting.UntilAsync(() => node.State == GossipNodeState.Stopped);
        Assert.Equal(JoinFailure.Stopped, Assert.Single(await join.InTime()).Failure);
        Assert.False(await tick.InTime());
        await changes.InTime();
        await Assert.ThrowsAsync<GossipStateException>(() => node.AddTagAsync("later", Cancellation));

        // The port can be taken again, by TCP and UDP.
        await using var successor = await LiveNodes.StartAsync(options => options.BindAddress = address.ToString());
        Assert.Equal(address, successor.View.Local.Address);
    }

    /// <summary>The system's clock, until it cannot be read any more.</summary>
    private sealed class BreakableClock : TimeProvider
    {
        public volatile bool Broken;

        public override DateTimeOffset GetUtcNow() => Broken ? throw new NotSupportedException("The clock is broken.") : base.GetUtcNow();
    }
}
