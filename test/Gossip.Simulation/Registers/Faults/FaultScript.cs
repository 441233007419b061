using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>What befalls a world in its time of chaos.</summary>
internal sealed class FaultScript(RegisterWorld world)
{
    private static readonly TimeSpan PauseBetween = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SlowestFlush = TimeSpan.FromMilliseconds(120);
    private const double KillAgain = 0.5;
    private const int Three = 3;
    private const int Two = 2;
    private readonly long _end = world.Now + world.Setup.Chaos.Ticks;

    private readonly ConcertedFaults _concerted = new(world);

    private Action[] Faults => world.Setup.HasConcertedFaults ? [.. Usual, .. _concerted.All(this)] : Usual;

    private Action[] Usual => [Partition, Partition, CutOneWay, Pause, KillAny, KillAny, KillProposer, KillProposer, KillNewcomer, SlowDisk, HangDisk, Retire, Retire, RestartOneByOne, RestartAll];

    public void Begin()
    {
        Retire();
        Plan();
    }

    /// <summary>All is well from now on.</summary>
    public void End()
    {
        world.IsCalm = true;
        world.Network.HealAll();
        world.Retired.Clear();
        foreach (var node in world.Nodes)
        {
            (node.Disk.Slowness, node.Disk.HungUntil) = (TimeSpan.Zero, 0);
            if (!node.IsUp)
            {
                Restart(node);
            }

            node.Resume();
        }
    }

    private void Plan() => world.After(world.Between(TimeSpan.Zero, PauseBetween * 2), () =>
    {
        if (world.Now < _end)
        {
            Faults[world.Random.Next(Faults.Length)]();
            Plan();
        }
    });

    public bool IsOver => world.Now >= _end;

    public RegisterNode Any() => world.Nodes[world.Random.Next(world.Nodes.Count)];

    /// <summary>For how long something lasts.</summary>
    public TimeSpan While() => world.Between(Short, Long);

    /// <summary>Other nodes than before want seats, from one of them to all, so that the number of seats changes, too.</summary>
    private void Retire()
    {
        world.Retired.Clear();
        for (var retiring = world.Random.Next(world.Nodes.Count); retiring > 0; retiring--)
        {
            world.Retired.Add(world.Random.Next(world.Nodes.Count));
        }

        if (world.Setup.Opening != Opening.Together && world.Chosen.Epoch == 0)
        {
            world.Retired.RemoveWhere(node => node < world.Setup.Founders); // or these worlds would be about who does not want to found
        }
    }

    private void Partition()
    {
        world.Counts.Count(Happening.Partition);
        var side = world.Random.Next((1 << world.Nodes.Count) - 2) + 1;
        CountSides(side);
        Cut((from, to) => ((side >> from) & 1) != ((side >> to) & 1));
    }

    /// <summary>Which kind of partition it is: of five nodes in three and two, and for whoever leads.</summary>
    private void CountSides(int side)
    {
        var here = int.PopCount(side);
        var isThreeToTwo = Math.Max(here, world.Nodes.Count - here) == Three && Math.Min(here, world.Nodes.Count - here) == Two;
        if (isThreeToTwo)
        {
            world.Counts.Count(Happening.ThreeToTwo);
        }

        if (world.Chosen.Latest is { } latest && world.Nodes.Find(node => node is { IsUp: true, Proposer.IsLeading: true }) is { } leader)
        {
            var withLeader = latest.Acceptors.Count(seat => world.Find(seat) is { } voter && ((side >> voter.Index) & 1) == ((side >> leader.Index) & 1));
            world.Counts.Count(withLeader >= latest.Majority ? Happening.LeaderInMajority : Happening.LeaderInMinority);
        }
    }

    private void CutOneWay()
    {
        world.Counts.Count(Happening.OneWayCut);
        var (victim, isDeaf) = (Any().Index, world.Chance(KillAgain));
        Cut((from, to) => (isDeaf ? to : from) == victim);
    }

    private void Cut(Func<int, int, bool> isCut)
    {
        var cuts = (from a in world.Nodes from b in world.Nodes where a != b && isCut(a.Index, b.Index) select (a.Index, b.Index)).ToList();
        cuts.ForEach(cut => world.Network.Cut(cut.Item1, cut.Item2));
        world.After(While(), () => cuts.ForEach(cut => world.Network.Heal(cut.Item1, cut.Item2)));
    }

    private void Pause()
    {
        var node = Any();
        if (node.IsUp && !node.IsPaused)
        {
            world.Counts.Count(Happening.Pause);
            var life = node.Life;
            node.Pause();
            world.After(While(), () =>
            {
                if (node.Life == life)
                {
                    node.Resume();
                }
            });
        }
    }

    private void KillAny() => Kill(Any(), While());

    private void KillProposer()
    {
        if (world.Nodes.Find(node => node is { IsUp: true, Proposer.IsLeading: true }) is { } leader)
        {
            world.Counts.Count(Happening.KilledProposer);
            Kill(leader, While());
            if (world.Chance(KillAgain))
            {
                world.After(While(), KillProposer);
            }
        }
    }

    /// <summary>Somebody who was given the value for a seat, or just took it.</summary>
    private void KillNewcomer()
    {
        var tries = 0;
        Wait();

        void Wait()
        {
            if (world.Nodes.Find(node => node.IsUp && node.Acceptor.Staged is not null) is { } newcomer)
            {
                if (Kill(newcomer, While()))
                {
                    world.Counts.Count(Happening.NewcomerKilled);
                }
            }
            else if (tries++ < 1000 && world.Now < _end)
            {
                world.After(TimeSpan.FromMilliseconds(1), Wait);
            }
        }
    }

    private void SlowDisk()
    {
        world.Counts.Count(Happening.SlowDisk);
        var disk = Any().Disk;
        disk.Slowness = world.Between(Short, SlowestFlush);
        world.After(While(), () => disk.Slowness = TimeSpan.Zero);
    }

    private void HangDisk()
    {
        world.Counts.Count(Happening.HungDisk);
        Any().Disk.HungUntil = world.Now + While().Ticks;
    }

    private void RestartOneByOne()
    {
        world.Counts.Count(Happening.RollingRestart);
        var at = TimeSpan.Zero;
        foreach (var node in world.Nodes)
        {
            world.After(at, () => Kill(node, Short));
            at += world.Between(Short * 2, Long / 2);
        }
    }

    private void RestartAll()
    {
        world.Counts.Count(Happening.RestartOfAll);
        world.Nodes.ForEach(node => Kill(node, While()));
    }

    /// <summary>Kills a node and starts it again after a while, if the world can go on without what it holds.</summary>
    public bool Kill(RegisterNode node, TimeSpan forSoLong)
    {
        if (!node.IsUp || IsOver || !MayLose([node]))
        {
            return false;
        }

        world.Counts.Count(Happening.Kill);
        node.Kill();
        world.After(forSoLong, () =>
        {
            if (!node.IsUp)
            {
                Restart(node);
            }
        });
        return true;
    }

    public void Restart(RegisterNode node)
    {
        world.Counts.Count(Happening.Restart);
        if (!node.IsDurable)
        {
            world.Counts.Count(Happening.StoreLost);
        }

        node.Start();
    }

    /// <summary>
    /// A majority of stores must remain: without, the register is lost, and nothing is left to check. And founders that keep nothing on disk must not restart before the first epoch is open: they do not
    /// vote again here, because a vote that they forgot could be counted twice.
    /// </summary>
    public bool MayLose(IReadOnlyCollection<RegisterNode> victims)
    {
        if (victims.Any(victim => !victim.IsDurable && victim.Index < world.Setup.Founders) && !IsOpen())
        {
            return false;
        }

        return victims.All(victim => victim.IsDurable) || world.Precious.All(seats => seats.Count(IsGone) <= (seats.Length - 1) / 2);

        bool IsOpen() => world.Chosen.Latest is { } latest
            && latest.Acceptors.Count(seat => world.Find(seat) is { IsUp: true } node && node.Acceptor.Self == seat && node.Acceptor.Register.Epoch > 0) >= latest.Majority;

        bool IsGone(AcceptorId seat) => world.Find(seat) is not { } node || (!node.IsDurable && (!node.IsUp || victims.Contains(node))) || node.Acceptor.Self != seat;
    }
}
