using System.Buffers.Binary;
using Gossip.Dissemination;
using Gossip.Node;

namespace Gossip.Simulation;

/// <summary>
/// Broadcasts of all sizes while packets are lost, doubled and out of order, nodes crash, come back and join, and the network falls apart for less than the
/// time for which broadcasts are kept. All who are there for that time after a send hear it, as does who joins with some of it left; nobody hears it twice.
/// </summary>
internal sealed class BroadcastRepairScenario(string name, int minNodes, int maxNodes) : Scenario
{
    public const string Coverage = "broadcast-coverage";

    private const double Loss = 0.2;
    private const double Duplication = 0.05;
    private const int JitterFactor = 5;
    private const int MinSize = 10;
    private const int MaxSmall = 4096;
    private const int MinLarge = 16 * 1024;
    private const int MaxLarge = 1024 * 1024;
    private const int MinBroadcasts = 20;
    private const int MaxBroadcasts = 80;
    private const int LargeBroadcasts = 3;
    private const int LateDivisor = 8;
    private const int CrashDivisor = 12;
    private const int MinorityDivisor = 3;

    /// <summary>Without loss, half of those who lack something get it in each round; with it, and for the last few, it takes so many more.</summary>
    private const int FurtherRounds = 3;

    private const double LongestWait = 1.5;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan JoinPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestPartition = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(int Node, int Boot), long> _joined = [];
    private readonly HashSet<int> _protected = [];
    private BroadcastOnce _heard = null!;
    private ulong _sent;

    public override string Name => name;

    public override string Story => "broadcasts of all sizes under 20 % loss, crashes, joins and a short partition reach each process that is there for the window, once";

    /// <summary>Loss goes on until the broadcasts are judged, and so until shortly before views are compared.</summary>
    public override double RepairShare => 0.2;

    public override bool OnDemand => minNodes == maxNodes;

    public override IReadOnlyList<Fault> EachRun => [Fault.Dropped, Fault.BroadcastExpected, Fault.BroadcastReceived, Fault.BroadcastRepaired, Fault.LateJoin, Fault.ShortPartition, Fault.Cut];

    public override IReadOnlyList<Fault> SomeRun => [Fault.Duplicated, Fault.Reordered, Fault.Crash, Fault.Restart, Fault.BroadcastFetched];

    public override SimSetup Draw(ulong seed, SeededRandom random)
    {
        var setup = ClusterDraw.Draw(seed, random, minNodes, maxNodes);
        var window = setup.BroadcastWindow;
        var needed = Bound(setup) + (ShortestPartition * 2);
        return setup with { BroadcastWindow = needed > window ? needed : window };
    }

    public override TimeSpan Play(SimWorld world)
    {
        var late = Math.Max(1, world.Nodes.Count / LateDivisor);
        var newcomers = ClusterDraw.Pick(world, late);
        ClusterScript.Seed(world, world.Nodes.Count);
        ClusterScript.Start(world, world.Nodes.Except(newcomers));
        var bounds = new ConvergenceBounds(world);
        ViewAgreement.Await(world, bounds.Join(world.Nodes.Count) + bounds.Repair);

        _heard = world.Checks.OfType<BroadcastOnce>().Single();
        var calm = world.Network.Conditions;
        world.Network.Conditions = calm with { Loss = Loss, Duplication = Duplication, Jitter = calm.Jitter * JitterFactor };
        var partition = PlanPartition(world);
        PlanCrashes(world);
        foreach (var newcomer in newcomers)
        {
            world.After(ClusterDraw.Between(world.Random, Phase / 2, Phase), () => world.Start(newcomer));
        }

        WatchJoins(world);
        PlanBroadcasts(world);
        world.RunFor(Phase + world.Setup.BroadcastWindow + TimeSpan.FromSeconds(1));
        world.Network.Conditions = calm;
        return bounds.Healing(partition) + bounds.Detection(world.Nodes.Count);
    }

    public override void Judge(SimWorld world)
    {
        foreach (var node in world.Nodes)
        {
            world.Counts.Count(Fault.BroadcastRepaired, node.Broadcasts.Repaired);
            world.Counts.Count(Fault.BroadcastFetched, node.Broadcasts.Fetched);
        }
    }

    /// <summary>Within this time everybody has what one of those has whom he can reach.</summary>
    private static TimeSpan Bound(SimSetup setup)
    {
        var timing = new BroadcastTiming(setup.Timing, setup.BroadcastWindow);
        var rounds = Math.Ceiling(Math.Log2(setup.Nodes)) + FurtherRounds;
        return (timing.LongestInterval * LongestWait) + ((timing.ShortestInterval + timing.AnswerTimeout) * rounds);
    }

    private TimeSpan PlanPartition(SimWorld world)
    {
        var longest = world.Setup.BroadcastWindow - Bound(world.Setup);
        var length = ClusterDraw.Between(world.Random, ShortestPartition, longest);
        var begin = ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase);
        var size = Math.Max(1, world.Random.Next(world.Nodes.Count / MinorityDivisor));
        SimNode[] minority = [.. ClusterDraw.Pick(world, world.Nodes.Count).Where(node => node.IsUp).Take(size)];
        foreach (var node in minority)
        {
            _protected.Add(node.Index); // if it crashed on its side, what it sent there might die with it
        }

        world.After(begin, () =>
        {
            world.Trace.Note("the network falls apart");
            foreach (var node in minority)
            {
                world.Network.Separate(node.Index, 1);
            }
        });
        world.After(begin + length, () =>
        {
            world.Counts.Count(Fault.ShortPartition);
            world.Network.Heal();
            world.Trace.Note("the network heals");
        });
        return length;
    }

    private void PlanCrashes(SimWorld world)
    {
        foreach (var victim in ClusterDraw.Pick(world, world.Random.Next((world.Nodes.Count / CrashDivisor) + 2)))
        {
            if (_protected.Contains(victim.Index) || !victim.IsUp)
            {
                continue;
            }

            var at = ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase);
            world.After(at, () => world.Crash(victim, silently: world.Random.Next(2) == 0));
            if (world.Random.Next(2) == 0)
            {
                world.After(at + ClusterDraw.Between(world.Random, TimeSpan.FromSeconds(1), Phase), () =>
                {
                    if (!victim.IsUp)
                    {
                        world.Start(victim);
                    }
                });
            }
        }
    }

    private void WatchJoins(SimWorld world)
    {
        foreach (var node in world.Nodes)
        {
            if (node.IsUp && !node.IsAlone && node.Self.State == MemberState.Alive && _joined.TryAdd((node.Index, node.Boot), world.Now) && world.Now - node.StartedAt < Phase.Ticks && _sent > 0)
            {
                world.Counts.Count(Fault.LateJoin);
            }
        }

        world.After(JoinPoll, () => WatchJoins(world));
    }

    private void PlanBroadcasts(SimWorld world)
    {
        for (var i = MinBroadcasts + world.Random.Next(MaxBroadcasts - MinBroadcasts); i > 0; i--)
        {
            var size = MinSize + world.Random.Next(world.Random.Next(MaxSmall) + 1);
            world.After(ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase), () => Broadcast(world, size));
        }

        for (var i = world.Random.Next(LargeBroadcasts + 1); i > 0; i--)
        {
            var size = MinLarge + world.Random.Next(MaxLarge - MinLarge + 1);
            world.After(ClusterDraw.Between(world.Random, TimeSpan.Zero, Phase), () => Broadcast(world, size));
        }
    }

    private void Broadcast(SimWorld world, int size)
    {
        var sender = world.Nodes[world.Random.Next(world.Nodes.Count)];
        if (!sender.IsRunning || sender.Self.State != MemberState.Alive || sender.IsAlone)
        {
            return;
        }

        var payload = new byte[size];
        var number = ++_sent;
        BinaryPrimitives.WriteUInt64LittleEndian(payload, number);
        if (sender.Engine!.TryBroadcast(sender.At(world), payload) == BroadcastOutcome.Accepted)
        {
            world.Trace.Note(sender, $"broadcasts {number}, {size} bytes");
            var (boot, at) = (sender.Boot, world.Now);
            world.After(world.Setup.BroadcastWindow, () => DemandHeard(world, sender, boot, number, at));
        }

        world.AfterCall(sender);
    }

    private void DemandHeard(SimWorld world, SimNode sender, int boot, ulong number, long sentAt)
    {
        // Who died before his rumour spread may have told nobody.
        if ((sender.Boot != boot || !sender.IsUp) && sender.EndedAt - sentAt < Bound(world.Setup).Ticks)
        {
            return;
        }

        var latestJoin = world.Now - Bound(world.Setup).Ticks;
        foreach (var node in world.Nodes)
        {
            if (node == sender || !node.IsUp || !_joined.TryGetValue((node.Index, node.Boot), out var joined) || joined > latestJoin)
            {
                continue;
            }

            world.Counts.Count(Fault.BroadcastExpected);
            if (!_heard.HasHeard(node, number))
            {
                throw new ViolationException(Coverage, $"node {node.Index}, there since {Trace.Seconds(joined):F3} s, has not heard broadcast {number}, which node {sender.Index} sent at {Trace.Seconds(sentAt):F3} s");
            }
        }
    }
}
