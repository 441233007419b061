using Gossip.Tests.Membership;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Wire;

public class PacketHeaderTests
{
    [Fact]
    public void Every_field_comes_back()
    {
        var header = new PacketHeader(3, PacketKind.Data, 9, 0x1234_5678_9abc_def0, new NodeInstance(GoldenPackets.A.Id, ulong.MaxValue));
        var bytes = new byte[PacketHeader.Size];
        header.Write(bytes);

        Assert.True(PacketHeader.TryRead(bytes, out var read));
        Assert.Equal(header, read);
    }

    [Fact]
    public void A_short_packet_another_magic_and_no_sender_are_refused()
    {
        var bytes = GoldenPackets.Ping()[..PacketHeader.Size];

        Assert.True(PacketHeader.TryRead(bytes, out _));
        Assert.False(PacketHeader.TryRead(bytes.AsSpan(1), out _));
        Assert.False(PacketHeader.TryRead([(byte)(bytes[0] ^ 1), .. bytes[1..]], out _));
        Assert.False(PacketHeader.TryRead(TestPacket.Of(default, static (ref _) => { }), out _));
    }

    [Fact]
    public void Names_of_cluster_and_service_do_not_run_into_each_other()
    {
        Assert.NotEqual(PacketHeader.HashCluster("ab", "c"), PacketHeader.HashCluster("a", "bc"));
        Assert.NotEqual(PacketHeader.HashCluster("a", ""), PacketHeader.HashCluster("b", ""));
        Assert.Equal(PacketHeader.HashCluster("test", ""), TestNodes.Cluster);
    }
}
