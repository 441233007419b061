using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Performance;

[Collection(MeasuredAlone.Name)]
public sealed class MemoryTests
{
    private const int Members = 10_000;
    private const long MostBytes = 8_000_000;

    [Fact]
    public void Ten_thousand_members_take_at_most_eight_megabytes_with_their_view_and_all_that_is_to_be_told_of_them()
    {
        GC.KeepAlive(ViewBuilder.Build(Fill(1).Table, 1)); // what is made once for all is not theirs
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var engine = Fill(Members);
        var view = ViewBuilder.Build(engine.Table, 1);
        var retained = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(Members + 1, view.Members.Length);
        TestContext.Current.TestOutputHelper?.WriteLine($"{retained:N0} bytes");
        Assert.InRange(retained, 0, MostBytes);
        GC.KeepAlive(engine);
    }

    private static GossipEngine Fill(int members)
    {
        var outbox = new Outbox();
        var engine = new GossipEngine(TestNodes.Options('a') with { MaxMembers = members + 1 }, outbox);
        var now = new Moment(1, 1);
        engine.Start(now, joining: false);
        var packet = new byte[1024];
        for (var i = 1; i <= members; i++)
        {
            var endpoint = NodeEndpoint.FromIpv4((uint)i, TestNodes.Port);
            var instance = new NodeInstance(new NodeId((UInt128)i << 64 | (UInt128)i), 1);
            new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Control, 0, TestNodes.Cluster, instance).Write(packet);
            var writer = new WireWriter(packet);
            writer.Skip(PacketHeader.Size);
            new MemberStatement { Subject = instance, State = MemberState.Alive, Endpoint = endpoint }.Write(ref writer);
            engine.OnPacket(now, new PacketSource(endpoint, 0), writer.Written);
            outbox.Clear();
        }

        return engine;
    }
}
