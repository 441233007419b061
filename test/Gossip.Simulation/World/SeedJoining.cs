using Gossip.Node;
using Gossip.Transport;

namespace Gossip.Simulation;

/// <summary>
/// What a node does to find company: it asks its seeds at its start, and again now and then as long as it is alone. When
/// none lets it in, it takes part alone. A seed that is absent is asked for ever, if rarely: two groups that formed while no
/// seed was there know nothing of each other, and only so they meet.
/// </summary>
internal sealed class SeedJoining(SimWorld world)
{
    /// <summary>The longest time between two attempts.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(3);

    /// <summary>The time between two attempts to reach a seed that is not a member, while others are.</summary>
    public static readonly TimeSpan AbsentInterval = TimeSpan.FromMinutes(1);

    private long _token;

    public void Begin(SimNode node)
    {
        Try(node);
        PlanNext(node);
    }

    public void OnTimer(SimNode node)
    {
        if (node.IsLeaving)
        {
            return;
        }

        if (node.PendingJoins == 0 && (node.IsAlone || world.Now >= node.AbsentSeedsDue))
        {
            Try(node);
        }

        PlanNext(node);
    }

    public void OnSettled(SimNode node, JoinStatus status)
    {
        node.PendingJoins--;
        node.IsTurnedAway = status is JoinStatus.Full or JoinStatus.VersionMismatch || (node.IsTurnedAway && status != JoinStatus.Accepted);
        switch (status)
        {
            case JoinStatus.ClusterMismatch:
                world.Counts.Count(Fault.ForeignCluster);
                break;
            case JoinStatus.VersionMismatch:
                world.Counts.Count(Fault.ForeignVersion);
                break;
            case JoinStatus.Full:
                world.Counts.Count(Fault.TurnedAway);
                break;
        }

        if (node.PendingJoins == 0 && node.Self.State == MemberState.Joining)
        {
            node.Engine!.BecomeAlive(node.At(world));
            world.AfterCall(node);
        }
    }

    private void Try(SimNode node)
    {
        node.AbsentSeedsDue = world.Now + AbsentInterval.Ticks;
        foreach (var seed in node.Seeds)
        {
            if (seed != node.Endpoint && !IsPresent(node, seed))
            {
                node.PendingJoins++;
                node.Engine!.Join(node.At(world), seed, ++_token);
                world.AfterCall(node);
            }
        }
    }

    private bool IsPresent(SimNode node, NodeEndpoint seed) =>
        node.Engine!.Table.TryFind(world.Nodes[world.Network.NodeAt(seed)].Id, out var member) && member.IsPresent;

    private void PlanNext(SimNode node)
    {
        // Half of the interval is random, so that nodes that started together spread out.
        var half = RetryInterval.Ticks / 2;
        world.Plan(world.Now + half + world.Random.NextTicks(half), new SimEvent { Kind = SimEventKind.JoinSeeds, Node = node.Index, Boot = node.Boot });
    }
}
