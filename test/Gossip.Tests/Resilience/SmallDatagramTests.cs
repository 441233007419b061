using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Resilience;

public sealed class SmallDatagramTests
{
    private const int SmallestDatagram = 576; // every IPv4 host must accept it (RFC 791)
    private const int Members = 600;
    private const uint FirstAddress = 0x0A01_0000; // 10.1.0.0
    private const int FirstId = 1 << 20;

    [Fact]
    public void A_digest_of_many_members_fits_a_small_datagram_and_is_understood()
    {
        // Without probes nobody is missed, and all datagrams are of the periodic comparison.
        var options = TestNodes.Options('a') with { MaxDatagramSize = SmallestDatagram };
        var a = new EngineHarness(options with { Timing = options.Timing with { ProbeInterval = TimeSpan.FromDays(1) } });
        a.Do((engine, now) => engine.Start(now, joining: false));
        a.Receive('b', (ref WireWriter writer) =>
        {
            for (var i = 0; i < Members; i++)
            {
                new MemberStatement
                {
                    Subject = new NodeInstance(new NodeId((UInt128)(FirstId + i)), 1),
                    State = MemberState.Alive,
                    Endpoint = NodeEndpoint.FromIpv4(FirstAddress + (uint)i, TestNodes.Port),
                }.Write(ref writer);
            }
        });
        a.Take();

        a.Advance(a.Options.Timing.SyncInterval * 2);

        var digest = a.Take().First(packet => packet.Path == TransmitPath.Datagram
            && TestPacket.Messages(packet.Bytes).Exists(message => message.Kind == MessageKind.SyncDigest));
        Assert.InRange(digest.Bytes.Length, 1, SmallestDatagram);

        var b = EngineHarness.Started('b', 'a');
        b.Receive(new PacketSource(TestNodes.Endpoint('a'), 0), digest.Bytes);
        Assert.Contains(b.Take(), packet => TestPacket.Messages(packet.Bytes).Exists(message => message.Kind == MessageKind.SyncVersions));
    }
}
