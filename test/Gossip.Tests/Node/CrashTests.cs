using System.Net.Sockets;
using Gossip.Messaging;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Gossip.Wire;
using Xunit;

namespace Gossip.Tests.Node;

/// <summary>Nodes that end without a word, and their successors.</summary>
public class CrashTests
{
    private const int Type = MessageTypeNumber.FirstUser;

    private static readonly EvidenceKind[] FailedProbes =
    [
        EvidenceKind.DirectProbeTimedOut, EvidenceKind.IndirectProbeFailed, EvidenceKind.IndirectProbeUnanswered,
        EvidenceKind.StreamProbeTimedOut, EvidenceKind.StreamProbeRefused,
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Survivors_declare_a_crashed_node_dead_and_can_explain_why()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var dead = cluster.Nodes.Last();
        await cluster.KillAsync(dead);
        await cluster.UntilAllAsync(node => node.View.Find(dead.Id)!.State == MemberState.Dead);

        var survivors = cluster.Nodes.Select(node => node.Id).ToList();
        var explanations = new List<Explanation>();
        foreach (var node in cluster.Nodes)
        {
            explanations.Add((await node.ExplainAsync(dead.Id, Token))!);
        }

        Assert.All(explanations, explanation =>
        {
            Assert.Equal(MemberState.Dead, explanation.Member.State);
            Assert.NotEmpty(explanation.Accusers);
            Assert.Subset(survivors.ToHashSet(), explanation.Accusers.ToHashSet());
            Assert.Contains(explanation.DeclaredDeadBy!.Value, survivors);
            Assert.Equal(explanation.Evidence.OrderBy(item => item.Time), explanation.Evidence);
            Assert.Contains("was accused", explanation.ToString(), StringComparison.Ordinal);
        });
        Assert.Contains(explanations, explanation => explanation.Evidence.Any(item => FailedProbes.Contains(item.Kind)));
        Assert.Contains(explanations, explanation => explanation.Evidence.Any(item => item.Kind == EvidenceKind.SuspicionExpired));
        Assert.Null(await cluster.Nodes.First().ExplainAsync(new NodeId(1), Token));
    }

    [Fact]
    public async Task A_restart_at_the_same_address_is_the_same_node_with_a_newer_generation()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (first, last) = (cluster.Nodes.First(), cluster.Nodes.Last());
        await last.SetMetadataAsync("of-the-first-life", 1, Token);
        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, last).Metadata.Count == 1);
        var address = LocalCluster.Address(last);
        await cluster.KillAsync(last);
        var next = await cluster.AddAsync(options => options.BindAddress = address);

        Assert.Equal(last.Id, next.Id);
        Assert.True(next.Instance.Generation > last.Instance.Generation);
        await cluster.FormedAsync();
        await cluster.UntilAllAsync(node => LocalCluster.Sees(node, next).Metadata.Count == 0);
        Assert.Equal(3, first.View.Members.Length);
    }

    [Fact]
    public async Task A_message_for_the_last_life_is_not_handed_to_the_next()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        var (a, last) = (cluster.Nodes.First(), cluster.Nodes.Last());
        var address = LocalCluster.Address(last);
        await cluster.KillAsync(last);
        var next = await cluster.AddAsync(options => options.BindAddress = address);
        await cluster.FormedAsync();
        List<string> handled = [];
        using var handler = next.Messages.Handle(Type, (context, _) =>
        {
            handled.Add(context.ReadText());
            return ValueTask.CompletedTask;
        });

        // The same bytes for either life, on a connection of their own, as if they had been under way during the restart.
        using var late = new TcpClient();
        await late.ConnectAsync(next.View.Local.Address, Token);
        await late.GetStream().WriteAsync(Frame(a, last.Instance, "late", sequence: 1), Token);
        await late.GetStream().WriteAsync(Frame(a, next.Instance, "in time", sequence: 2), Token);

        await Awaiting.UntilAsync(() => handled.Count > 0);
        Assert.Equal(["in time"], handled);
    }

    [Fact]
    public async Task A_dead_member_that_is_forgotten_is_gone_from_all_views_and_a_living_one_cannot_be()
    {
        await using var cluster = await LocalCluster.StartAsync(3);
        var (a, dead) = (cluster.Nodes.First(), cluster.Nodes.Last());
        Assert.False(await a.ForgetAsync(dead.Id, Token));
        Assert.False(await a.ForgetAsync(new NodeId(1), Token));
        await cluster.KillAsync(dead);
        await cluster.UntilAllAsync(node => node.View.Find(dead.Id)!.State == MemberState.Dead);

        Assert.True(await a.ForgetAsync(dead.Id, Token));
        await cluster.UntilAllAsync(node => node.View.Find(dead.Id) is null);
        Assert.All(cluster.Nodes, node => Assert.Equal(2, node.View.Members.Length));
    }

    private static byte[] Frame(GossipNode sender, NodeInstance target, string text, ulong sequence)
    {
        var body = Envelope.EncodeBody(MessageMode.Reliable, Type, MessagePayload.FromText(text), DateTimeOffset.UnixEpoch, null, TimeSpan.FromSeconds(5)).Span;
        var packet = new byte[body.Length + DataPacket.MaxFraming + DeliveryAddress.MaxSize];
        var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Data, 0, sender.RuntimeOrNull!.Identity.ClusterHash, sender.Instance);
        var length = DataPacket.WriteEnvelope(packet, header, new DeliveryAddress(target, sequence), body);
        var frame = new byte[FrameFormat.LengthSize + length];
        FrameFormat.Write(frame, packet.AsSpan(0, length));
        return frame;
    }
}
