using System.Buffers.Binary;
using Gossip.Dissemination;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Users' broadcasts on a bad network: each process hears each at most once, and nearly always.</summary>
internal sealed class BroadcastScenario : Scenario
{
    private const int MinNodes = 3;
    private const int MaxNodes = 60;
    private const int MaxBroadcasts = 300;
    private const int MinPayload = sizeof(ulong);
    private const int MaxPayload = 600;
    private const double MinLoss = 0.01;
    private const double MaxLoss = 0.2;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(20);

    private ulong _sent;

    public override string Name => "broadcast";

    public override string Story => "broadcasts under up to 20 % loss reach each process at most once; coverage is counted";

    public override IReadOnlyList<Fault> EachRun => [Fault.Dropped, Fault.BroadcastExpected, Fault.BroadcastReceived];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        ClusterScript.WarmUp(world);
        var calm = world.Network.Conditions;
        world.Network.Conditions = calm with { Loss = ClusterDraw.Between(world.Random, MinLoss, MaxLoss), Duplication = MinLoss };
        for (var i = 1 + world.Random.Next(MaxBroadcasts); i > 0; i--)
        {
            world.After(ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase), () => Broadcast(world));
        }

        var bounds = new ConvergenceBounds(world);
        world.RunFor(Phase + bounds.Rumours(world.Nodes.Count));
        world.Network.Conditions = calm;
        return bounds.Refutation(world.Nodes.Count);
    }

    private void Broadcast(SimWorld world)
    {
        var sender = world.Nodes[world.Random.Next(world.Nodes.Count)];
        Span<byte> payload = stackalloc byte[MinPayload + world.Random.Next(MaxPayload - MinPayload)];
        payload.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(payload, ++_sent);
        if (sender.Engine!.TryBroadcast(sender.At(world), payload) == BroadcastOutcome.Accepted)
        {
            world.Counts.Count(Fault.BroadcastExpected, world.Nodes.Count - 1);
        }

        world.AfterCall(sender);
    }
}
