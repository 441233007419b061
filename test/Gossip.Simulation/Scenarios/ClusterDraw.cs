using Gossip.Membership;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>Draws what most scenarios draw: a profile, a number of nodes, and the network that such a profile is for.</summary>
internal static class ClusterDraw
{
    private const double LanShare = 0.5;
    private const double LocalShare = 0.3;

    public static SimSetup Draw(ulong seed, SeededRandom random, int minNodes, int maxNodes)
    {
        var choice = random.NextDouble();
        var profile = choice < LanShare ? GossipProfile.Lan : choice < LanShare + LocalShare ? GossipProfile.Local : GossipProfile.Wan;
        return Draw(seed, random, minNodes, maxNodes, profile);
    }

    /// <summary>For a story that is told of one profile.</summary>
    public static SimSetup Draw(ulong seed, SeededRandom random, int minNodes, int maxNodes, GossipProfile profile) => new()
    {
        Seed = seed,
        Nodes = minNodes + random.Next(maxNodes - minNodes + 1),
        Timing = ProtocolTiming.For(profile),
        Conditions = Conditions(profile, random),
    };

    /// <summary>A random time between two.</summary>
    public static TimeSpan Between(SeededRandom random, TimeSpan low, TimeSpan high) =>
        low + TimeSpan.FromTicks(random.NextTicks((high - low).Ticks));

    public static double Between(SeededRandom random, double low, double high) => low + (random.NextDouble() * (high - low));

    /// <summary>Different nodes in random order.</summary>
    public static SimNode[] Pick(SimWorld world, int count)
    {
        SimNode[] picked = [.. world.Nodes];
        for (var i = 0; i < count; i++)
        {
            var j = i + world.Random.Next(picked.Length - i);
            (picked[i], picked[j]) = (picked[j], picked[i]);
        }

        return picked[..count];
    }

    private static LinkConditions Conditions(GossipProfile profile, SeededRandom random)
    {
        // The slowest link of each profile; a direct probe over it and back is answered well within its time-out.
        var slowest = profile switch
        {
            GossipProfile.Local => TimeSpan.FromMilliseconds(2),
            GossipProfile.Lan => TimeSpan.FromMilliseconds(10),
            _ => TimeSpan.FromMilliseconds(200),
        };
        return new LinkConditions
        {
            Latency = slowest * Between(random, 0.02, 0.2),
            LatencySpread = slowest * Between(random, 0, 0.8),
            Jitter = slowest * Between(random, 0, 0.1),
        };
    }
}
