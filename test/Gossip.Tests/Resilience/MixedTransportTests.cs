using System.Net;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>Best effort between nodes that do not have the same links.</summary>
public sealed class MixedTransportTests
{
    private const int TextType = 300;
    private const ushort AnyPort = 7000;
    private static readonly SendOptions BestEffort = new() { Delivery = Delivery.BestEffort };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Best_effort_arrives_at_members_with_and_without_udp()
    {
        await using var both = await LiveNodes.StartAsync();
        await using var tcpOnly = await LiveNodes.StartAsync(both, options => options.TcpOnly = true);
        Assert.True(both.View.Find(tcpOnly.Id)!.TcpOnly);

        await AssertArrivesAsync(both, tcpOnly);
        await AssertArrivesAsync(tcpOnly, both);
    }

    [Fact]
    public async Task A_datagram_that_could_not_be_sent_is_not_reported_as_sent()
    {
        await using var node = await LiveNodes.StartAsync(); // its socket is of IPv4
        var unreachable = new MemberStatement
        {
            Subject = new NodeInstance(NodeId.Parse("000102030405060708090a0b0c0d0e0f"), 1),
            State = MemberState.Alive,
            Endpoint = NodeEndpoint.From(IPAddress.Parse("2001:db8::1"), AnyPort),
        };
        var packet = TestPacket.Of(unreachable.Subject, (ref WireWriter writer) => unreachable.Write(ref writer), node.Runtime.Identity.ClusterHash);
        await node.Runtime.Pump.CallAsync(
            (engine, now) =>
            {
                engine.OnPacket(now, new PacketSource(unreachable.Endpoint, 0), packet);
                return true;
            },
            Cancellation);

        var result = await node.Messages.SendAsync(Target.Node(unreachable.Subject.Id), TextType, MessagePayload.FromText("hello"), BestEffort, Cancellation);

        Assert.Equal(SendOutcome.Unreachable, Assert.Single(result.Targets).Outcome);
    }

    private static async Task AssertArrivesAsync(GossipNode from, GossipNode to)
    {
        var arrived = new TaskCompletionSource<string>();
        using var handler = to.Messages.Handle(TextType, (context, _) =>
        {
            arrived.TrySetResult(context.ReadText());
            return ValueTask.CompletedTask;
        });
        var result = await from.Messages.SendAsync(Target.Node(to.Id), TextType, MessagePayload.FromText("hello"), BestEffort, Cancellation);
        Assert.Equal(SendOutcome.Sent, Assert.Single(result.Targets).Outcome);
        Assert.Equal("hello", await arrived.Task.InTime());
    }
}
