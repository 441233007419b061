using Gossip.Tests.Resilience;
using Gossip.Tests.Sealing;
using Gossip.Tests.Transport;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>A peer that answers probes and takes nothing from its stream.</summary>
public sealed class StalledPeerTests
{
    private const int Type = 300;
    private const int LargeSize = 1024 * 1024;
    private const int Attempts = 40;
    private static readonly SendOptions Short = new() { Timeout = TimeSpan.FromMilliseconds(50) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_sends_to_it_gets_an_error_and_everybody_else_is_served()
    {
        await using var tap = new WireTap();
        await using var a = await LiveNodes.StartAsync(options => options.AdvertiseAddress = tap.Address);
        tap.LeadTo(a.Runtime.Sockets.LocalEndpoint.ToIPEndPoint());
        await using var stalled = await LiveNodes.StartAsync(a);
        await using var well = await LiveNodes.StartAsync(a);
        await a.Messages.SendAsync(Target.Node(stalled.Id), Type, MessagePayload.FromText("a stream to it"), Short, Cancellation);
        using var handler = well.Messages.Handle(Type, (_, _) => ValueTask.CompletedTask);
        tap.StreamsStand = true;

        var payload = MessagePayload.FromBytes(new byte[LargeSize]);
        for (var i = 0; i < Attempts; i++)
        {
            var result = await a.Messages.SendAsync(Target.Node(stalled.Id), Type, payload, Short, Cancellation);
            Assert.False(result.Succeeded);
        }

        // What is queued for it is bounded: most of what was to be sent was given up before it took memory.
        Assert.InRange(a.Runtime.Sockets.Counters.FrameBytesOut.Value, 0, (long)Attempts * LargeSize / 2);
        Assert.Equal(MemberState.Alive, a.View.Find(stalled.Id)!.State);
        Assert.Equal(MemberState.Alive, a.View.Find(well.Id)!.State);
        await well.AddTagAsync("served", Cancellation);
        await Awaiting.UntilAsync(() => a.View.Find(well.Id)!.HasTag("served"));
    }
}
