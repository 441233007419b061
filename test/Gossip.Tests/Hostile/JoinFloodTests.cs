using System.Net;
using System.Net.Sockets;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Node;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Thousands want in at once: the table stays within its bound, and those who are in stay in.</summary>
public sealed class JoinFloodTests
{
    private const int Flood = 5000;
    private const int MaxMembers = 16;
    private const int MaxRumours = 64;
    private const int FirstStranger = 1000;
    private const ushort DiscardPort = 9;
    private static readonly ulong AnotherCluster = PacketHeader.HashCluster("another", "");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void A_table_is_bounded_and_keeps_its_members_however_many_ask(bool ofTheCluster, bool presentThemselves)
    {
        var host = new EngineHarness(TestNodes.Options('a') with { MaxMembers = MaxMembers, MaxSystemRumours = MaxRumours });
        host.Do((engine, now) => engine.Start(now, joining: false));
        host.Hear('b', TestNodes.Says('b', MemberState.Alive));
        host.Take();
        var cluster = ofTheCluster ? TestNodes.Cluster : AnotherCluster;
        for (var i = 0; i < Flood; i++)
        {
            host.Receive(new PacketSource(default, i + 1), Request(i, cluster));
            var answer = Assert.Single(host.Take(), packet => packet.Path == TransmitPath.Connection);
            Assert.True(answer.Bytes.Length <= host.Options.MaxDatagramSize);
            if (presentThemselves)
            {
                host.Receive(new PacketSource(default, i + 1), Presentation(i, cluster));
            }
        }

        Assert.Equal(ofTheCluster && presentThemselves ? MaxMembers : 2, host.Engine.Table.Count);
        Assert.True(host.Engine.Table.SlotCount <= MaxMembers);
        Assert.True(host.Engine.SystemRumours.Count <= MaxRumours);
        Assert.Equal(MemberState.Alive, host.Member('b').State);
    }

    [Fact]
    public async Task Members_stay_well_while_a_stranger_floods_their_node_with_joins()
    {
        await using var cluster = new LocalCluster();
        var a = await cluster.AddAsync(options => options.MaxMembers = MaxMembers);
        var b = await cluster.AddAsync();
        await cluster.FormedAsync();
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(a.View.Local.Address, Cancellation);
        var answers = ReadAllAsync(stranger);
        var hash = a.Runtime.Identity.ClusterHash;
        for (var i = 0; i < Flood; i++)
        {
            byte[] both = [.. FrameDecoderTests.Frame(Request(i, hash)), .. FrameDecoderTests.Frame(Presentation(i, hash))];
            await stranger.SendAsync(both, Cancellation).AsTask().InTime();
        }

        await b.AddTagAsync("well", Cancellation);
        await Awaiting.UntilAsync(() => a.View.Find(b.Id) is { State: MemberState.Alive } member && member.HasTag("well"));
        stranger.Shutdown(SocketShutdown.Send);
        Assert.True(await answers.InTime() > 0);
        Assert.InRange(a.View.Members.Length, 2, MaxMembers);
        Assert.Equal(MemberState.Alive, b.View.Find(a.Id)!.State);
        Assert.Equal(GossipNodeState.Running, a.State);
    }

    private static async Task<long> ReadAllAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        long total = 0;
        while (await socket.ReceiveAsync(buffer, Cancellation) is var size and > 0)
        {
            total += size;
        }

        return total;
    }

    private static MemberStatement Says(int number) => new()
    {
        Subject = new NodeInstance(new NodeId((UInt128)(FirstStranger + number)), 1),
        State = MemberState.Alive,

        // Nobody is there.
        Endpoint = NodeEndpoint.From(IPAddress.Loopback, DiscardPort),
    };

    private static byte[] Request(int number, ulong cluster) => TestPacket.Of(
        Says(number).Subject,
        (ref WireWriter writer) => JoinMessage.Write(ref writer, MessageKind.JoinRequest, (ulong)number + 1, default, 0, ProtocolVersions.Supported, "", Says(number)),
        cluster);

    private static byte[] Presentation(int number, ulong cluster) =>
        TestPacket.Of(Says(number).Subject, (ref WireWriter writer) => Says(number).Write(ref writer), cluster);
}
