using Gossip.Node;
using Gossip.Wire;

namespace Gossip.Simulation;

/// <summary>
/// A cluster whose nodes read version 1 of the protocol is replaced node by node with builds that read 1 and 2, in some runs there and back. As long as one is left that reads 1 only,
/// all write 1, and a node that reads 2 only is refused; when the last one is replaced all write 2, and that node comes in.
/// </summary>
internal sealed class RollingUpgrade : Scenario
{
    private const int MinNodes = 4;
    private const int MaxNodes = 24;

    private static readonly ProtocolVersions Old = new(1, 1);
    private static readonly ProtocolVersions Both = new(1, 2);
    private static readonly ProtocolVersions New = new(2, 2);

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaxDown = TimeSpan.FromSeconds(2);

    private string? _unread;

    public override string Name => "rolling-upgrade";

    public override string Story => "nodes are replaced by a version that reads a new protocol too; all write the old one until the last is replaced, and nobody is lost";

    public override IReadOnlyList<Fault> EachRun => [Fault.Restart, Fault.ForeignVersion, Fault.FactChange];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Crash, Fault.Leave];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        var bounds = new ConvergenceBounds(world);
        var early = world.Nodes[^1];
        SimNode[] members = [.. world.Nodes.SkipLast(1)];
        Array.ForEach(members, node => node.Versions = Old);
        early.Versions = New;
        world.Network.Tamper = (from, to, packet) =>
        {
            if (IsLost(world.Nodes[to], packet))
            {
                _unread ??= $"node {from} sent a packet of version {packet[PacketHeader.VersionOffset]} at tick {world.Now} to node {to}, which reads {world.Nodes[to].Versions}";
            }

            return packet;
        };

        ClusterScript.Seed(world, Math.Min(2, members.Length));
        ClusterScript.Start(world, members);
        ViewAgreement.Await(world, bounds.Join(members.Length) + bounds.Repair);
        ClusterScript.Start(world, [early]);

        var order = ClusterDraw.Pick(world, world.Nodes.Count).Where(node => node != early).ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1), MaxPause);
            DemandVersion(members, Old.Max);
            if (i == order.Length / 2 && world.Random.Next(2) == 0)
            {
                Replace(world, order[0], Old, bounds); // somebody takes it back
                Replace(world, order[0], Both, bounds);
            }

            if (!early.IsAlone)
            {
                throw new ViolationException("versions", "a node that reads version 2 only got in while one read version 1 only");
            }

            Replace(world, order[i], Both, bounds);
        }

        AwaitAdmission(world, early, bounds);
        return bounds.Meeting + bounds.Presentation(1);
    }

    public override void Judge(SimWorld world)
    {
        DemandVersion(world.Nodes, New.Max);
        if (world.Nodes[^1].IsAlone)
        {
            throw new ViolationException("versions", "a node that reads version 2 only was left out although all read that");
        }

        if (_unread is not null)
        {
            throw new ViolationException("versions", _unread);
        }
    }

    /// <summary>Starts a node anew, by a farewell or, for builds can be killed too, without one; and waits until all know it.</summary>
    private static void Replace(SimWorld world, SimNode node, ProtocolVersions versions, ConvergenceBounds bounds)
    {
        if (world.Random.Next(2) == 0)
        {
            world.Leave(node);
            while (node.IsUp)
            {
                world.RunFor(world.Setup.Timing.GossipInterval);
            }
        }
        else
        {
            world.Crash(node, silently: world.Random.Next(2) == 0);
        }

        world.RunFor(ClusterDraw.Between(world.Random, TimeSpan.FromMilliseconds(1), MaxDown));
        node.Versions = versions;
        world.Start(node);
        ViewAgreement.Await(world, bounds.Reunion(MaxDown) + bounds.Join(1) + bounds.Repair + SeedJoining.RetryInterval);
        world.RunFor(ClusterDraw.Between(world.Random, TimeSpan.Zero, MaxPause));
    }

    private static void AwaitAdmission(SimWorld world, SimNode early, ConvergenceBounds bounds)
    {
        var end = world.Now + (bounds.Presentation(1) + (SeedJoining.RetryInterval * 2)).Ticks;
        while (world.Now < end && early.IsAlone)
        {
            world.RunFor(world.Setup.Timing.GossipInterval);
        }
    }

    private static void DemandVersion(IEnumerable<SimNode> nodes, byte version)
    {
        foreach (var node in nodes)
        {
            if (node.Engine!.Version != version)
            {
                throw new ViolationException("versions", $"node {node.Index} writes version {node.Engine.Version}, and not {version}");
            }
        }
    }

    /// <summary>Whether a packet is dropped unread. Joins are read in any version, for that is how nodes learn that they have none in common.</summary>
    private static bool IsLost(SimNode to, ReadOnlySpan<byte> packet)
    {
        if (!to.IsUp || !PacketHeader.TryRead(packet, out var header) || to.Engine!.Options.Versions.Contains(header.Version))
        {
            return false;
        }

        var reader = new WireReader(packet[PacketHeader.Size..]);
        return !reader.Next() || (MessageKind)reader.Field is not (MessageKind.JoinRequest or MessageKind.JoinReply);
    }
}
