using Gossip.Metadata;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// Wall clocks are minutes off, and are set forwards and backwards while facts change. Nobody is suspected for it, all see the last value of
/// everything, and nobody's stamps are dragged further ahead than the clock's drift allows.
/// </summary>
internal sealed class ClockSkew : Scenario
{
    private const int MinNodes = 3;
    private const int MaxNodes = 40;
    private const long MaxSkewMicros = 5L * 60 * 1_000_000;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(30);

    private readonly Dictionary<SimNode, long> _highestSkew = [];

    public override string Name => "clock-skew";

    public override string Story => "wall clocks are up to five minutes wrong and jump while facts change; all see the last of each fact";

    public override IReadOnlyList<Fault> EachRun => [Fault.ClockStep, Fault.FactChange];

    public override SimSetup Draw(ulong seed, SeededRandom random) => ClusterDraw.Draw(seed, random, MinNodes, MaxNodes);

    public override TimeSpan Play(SimWorld world)
    {
        world.FalseDeathsForbidden = true;
        foreach (var node in world.Nodes)
        {
            SetClock(world, node);
        }

        ClusterScript.WarmUp(world);
        ClusterScript.ChangeFacts(world, TimeSpan.FromSeconds(1) / 2, Phase);
        for (var steps = world.Nodes.Count; steps > 0; steps--)
        {
            world.After(ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase), () => SetClock(world, world.Nodes[world.Random.Next(world.Nodes.Count)]));
        }

        world.RunFor(Phase);
        var bounds = new ConvergenceBounds(world);
        return bounds.Rumours(world.Nodes.Count);
    }

    public override void Judge(SimWorld world)
    {
        if (world.Counts[Fault.Suspicion] > 0)
        {
            throw new ViolationException("healthy-calm", $"{world.Counts[Fault.Suspicion]} suspicions although only wall clocks were wrong");
        }

        foreach (var node in world.Nodes)
        {
            var last = node.Engine!.Options.Clock.Last >> HybridTimestamp.CounterBits;
            var highest = SimWorld.EpochMicros + (ulong)((world.Now / TimeSpan.TicksPerMicrosecond) + _highestSkew[node]) + HybridClock.DefaultMaxDriftMicros;
            if (last > highest)
            {
                throw new ViolationException("clock-drift", $"node {node.Index} stamps {last - highest} µs further ahead than its own clock ever allowed");
            }
        }
    }

    private void SetClock(SimWorld world, SimNode node)
    {
        world.Counts.Count(Fault.ClockStep);
        node.WallSkewMicros = world.Random.NextTicks(2 * MaxSkewMicros) - MaxSkewMicros;
        _highestSkew[node] = Math.Max(_highestSkew.GetValueOrDefault(node, long.MinValue), node.WallSkewMicros);
    }
}
