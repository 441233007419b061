using System.Net;
using System.Net.Sockets;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Tests.Resilience;
using Gossip.Tests.Transport;
using Gossip.Tests.Wire;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Hostile;

/// <summary>Nodes of an older and of a newer wire version, played by hand: both ends of a join learn that it cannot be, and why.</summary>
public sealed class VersionMismatchTests
{
    private const char Stranger = 's';
    private const ulong Token = 7;
    private const int TokenField = 1;
    private const int MinVersionField = 2;
    private const int MaxVersionField = 3;
    private const int StatementField = 5;
    private const int StatusField = 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0, JoinStatus.VersionMismatch)]
    [InlineData(0, 0, JoinStatus.Accepted)]
    [InlineData(2, 9, JoinStatus.VersionMismatch)]
    [InlineData(2, 9, JoinStatus.Accepted)]
    public async Task A_node_that_asks_a_host_of_another_version_says_so(byte min, byte max, object answer)
    {
        await using var node = await LiveNodes.StartAsync();
        using var host = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        host.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        host.Listen();
        var joining = node.JoinAsync([host.LocalEndPoint!.ToString()!], Cancellation);
        using var connection = await host.AcceptAsync(Cancellation).AsTask().InTime();
        var request = await ReceiveAsync(connection);
        var token = Field(request, MessageKind.JoinRequest, TokenField);
        await connection.SendAsync(FrameDecoderTests.Frame(Packet(node, min, max, MessageKind.JoinReply, token, (JoinStatus)answer)), Cancellation);

        var result = Assert.Single(await joining.InTime());
        Assert.Equal(JoinFailure.VersionMismatch, result.Failure);
        Assert.Contains("Check the library's version and ApplicationVersion on both sides", result.Error!.Message, StringComparison.Ordinal);
        Assert.Single(node.View.Members);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 9)]
    public async Task Whoever_asks_with_another_version_is_told_and_not_taken_in(byte min, byte max)
    {
        await using var node = await LiveNodes.StartAsync();
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(node.View.Local.Address, Cancellation);
        await stranger.SendAsync(FrameDecoderTests.Frame(Packet(node, min, max, MessageKind.JoinRequest, Token, default)), Cancellation);

        var reply = await ReceiveAsync(stranger);

        Assert.Equal(Token, Field(reply, MessageKind.JoinReply, TokenField));
        Assert.Equal((ulong)JoinStatus.VersionMismatch, Field(reply, MessageKind.JoinReply, StatusField));
        Assert.Equal(PacketHeader.CurrentVersion, Field(reply, MessageKind.JoinReply, MaxVersionField)); // what the stranger's user needs to know
        Assert.Single(node.View.Members);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public void All_else_in_another_version_is_dropped_unread(byte version)
    {
        var engine = EngineHarness.Started('a', 'b');
        var before = engine.Engine.PacketsRefused;
        foreach (var (stream, i) in new[] { 0L, 5L }.Select((stream, i) => (stream, i)))
        {
            engine.Receive(
                new PacketSource(TestNodes.Endpoint(Stranger), stream),
                TestPacket.Of(TestNodes.Instance('b'), static (ref WireWriter writer) => TestNodes.Says('b', MemberState.Left, 9).Write(ref writer), version: version));
            Assert.Equal(before + i + 1, engine.Engine.PacketsRefused);
        }

        Assert.Equal(MemberState.Alive, engine.Member('b').State);
        Assert.Empty(engine.Take());
    }

    private static byte[] Packet(GossipNode node, byte min, byte max, MessageKind kind, ulong token, JoinStatus status) => TestPacket.Of(
        TestNodes.Instance(Stranger),
        (ref WireWriter writer) =>
        {
            var mark = writer.Begin((int)kind);
            writer.Number(TokenField, token);
            writer.Number(MinVersionField, min);
            writer.Number(MaxVersionField, max);
            writer.Number(StatusField, (int)status);
            var inner = writer.Begin(StatementField);
            TestNodes.Says(Stranger, MemberState.Alive).WriteFields(ref writer);
            writer.End(inner);
            writer.End(mark);
        },
        node.Runtime.Identity.ClusterHash,
        max);

    private static async Task<byte[]> ReceiveAsync(Socket socket)
    {
        using var decoder = new FrameDecoder(GossipMessaging.MaxMessageSize);
        while (true)
        {
            var size = await socket.ReceiveAsync(decoder.GetFree(), SocketFlags.None, Cancellation).AsTask().InTime();
            Assert.NotEqual(0, size);
            decoder.Advance(size);
            if (decoder.TryRead(out var packet))
            {
                return packet.ToArray();
            }
        }
    }

    private static ulong Field(byte[] packet, MessageKind kind, int field)
    {
        var reader = new WireReader(TestPacket.Messages(packet).First(message => message.Kind == kind).Body);
        while (reader.Next())
        {
            if (reader.Field == field)
            {
                return reader.Number;
            }
        }

        return 0;
    }
}
