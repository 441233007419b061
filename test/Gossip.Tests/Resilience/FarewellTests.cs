using Gossip.Membership;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

/// <summary>A node hears of a later life of itself while it says goodbye.</summary>
public sealed class FarewellTests
{
    private const ulong FirstFarewell = 1UL << 32;
    private static readonly NodeInstance Witness = new(NodeId.Parse("000102030405060708090a0b0c0d0e0f"), 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_later_life_does_not_hold_a_farewell_up(bool stops)
    {
        await using var node = await LiveNodes.StartAsync();
        await using var witness = LoopbackNode.Start();
        var life = node.Instance;
        var to = NodeEndpoint.From(node.View.Local.Address);
        Tell(new MemberStatement { Subject = Witness, State = MemberState.Alive, Endpoint = witness.Endpoint });
        await node.SeesAsync(Witness.Id, MemberState.Alive);

        var leave = stops ? node.StopAsync(Cancellation) : node.LeaveAsync(Cancellation);
        var heard = false;
        while (!heard)
        {
            var (_, packet) = await witness.Sink.Datagrams.NextAsync();
            heard = TestPacket.Messages(packet).Exists(message =>
                message.Kind == MessageKind.Ping && ProbeMessage.TryRead(message.Body, out var ping) && ping.Sequence >= FirstFarewell);
        }

        // The witness answers not with an acknowledgement, but with news that would begin a new life at any other time.
        Tell(new MemberStatement
        {
            Subject = life with { Generation = life.Generation + 1 },
            State = MemberState.Alive,
            Endpoint = to,
        });
        await leave.InTime();

        Assert.Equal(life, node.Instance);
        Assert.Equal(stops ? GossipNodeState.Stopped : GossipNodeState.Left, node.State);
        Assert.Equal(MemberState.Left, node.View.Local.State);

        void Tell(MemberStatement statement) => witness.Transport.TrySendDatagram(
            to, TestPacket.Of(Witness, (ref WireWriter writer) => statement.Write(ref writer), node.Runtime.Identity.ClusterHash));
    }
}
