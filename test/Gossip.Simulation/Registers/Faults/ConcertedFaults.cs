namespace Gossip.Simulation.Registers;

/// <summary>Faults of several nodes at once, of clocks, and of processes that end at a chosen point.</summary>
internal sealed class ConcertedFaults(RegisterWorld world)
{
    private const double AfterFlush = 0.5;
    private const int MostWrites = 12;
    private const int MostLooks = 2000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a node that stops waits for another one to take its seat.</summary>
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(2);

    public Action[] All(FaultScript script) =>
    [
        () => StopAll(script),
        () => RestartSeeds(script),
        () => RestartSeeds(script),
        () => script.Any().Clock.Set(),
        () => KillAtWrite(script),
        () => KillAtWrite(script),
        () => KillNewcomer(script),
        () => KillNewcomer(script),
    ];

    /// <summary>All nodes stop in order, and start at once some time later. Those that keep nothing on disk give their seats away before, to others that want them.</summary>
    private void StopAll(FaultScript script)
    {
        var here = Here();
        if (!script.MayLose(here) && !world.Nodes.Exists(node => node.IsDurable))
        {
            return; // nothing of this cluster would be left
        }

        here.ForEach(node => node.IsStopping = !node.IsDurable);
        world.After(here.TrueForAll(node => node.IsDurable) ? TimeSpan.Zero : HandOver, () =>
        {
            var stopping = Here();
            if (script.IsOver || !script.MayLose(stopping))
            {
                stopping.ForEach(node => node.IsStopping = false);
                return;
            }

            stopping.ForEach(node => node.Stop());
            world.Counts.Count(Happening.StopOfAll);
            world.After(script.While(), () => StartAll(script));
        });
    }

    private void StartAll(FaultScript script)
    {
        world.Count(Here().Count == 0, Happening.StartOfAll);
        world.Nodes.FindAll(node => !node.IsUp && node.Life > 0).ForEach(script.Restart);
    }

    /// <summary>All founders end and start together, while others live.</summary>
    private void RestartSeeds(FaultScript script)
    {
        var seeds = world.Nodes.GetRange(0, world.Setup.Founders);
        if (script.IsOver || !seeds.TrueForAll(seed => seed.IsUp) || !world.Nodes.Exists(node => node.IsUp && !seeds.Contains(node)) || !script.MayLose(seeds))
        {
            return;
        }

        world.Count(seeds.Count > 1, Happening.RestartOfSeeds);
        seeds.ForEach(seed => seed.Kill());
        world.After(script.While(), () => seeds.FindAll(seed => !seed.IsUp).ForEach(script.Restart));
    }

    /// <summary>A process ends just after it wrote a record, before or after that is durable, and before anybody hears of it.</summary>
    private void KillAtWrite(FaultScript script)
    {
        var (node, isFlushed) = (script.Any(), world.Chance(AfterFlush));
        if (!node.IsDurable)
        {
            return;
        }

        node.Disk.EndAt(world.Random.Next(MostWrites), isFlushed, () =>
            world.Count(script.Kill(node, script.While()), isFlushed ? Happening.KilledAtFlush : Happening.KilledAtWrite));
    }

    /// <summary>Somebody who is to get a seat ends: when it was chosen for it, when it has the value, when the epoch is sealed, or when it just took the seat.</summary>
    private void KillNewcomer(FaultScript script)
    {
        Happening[] steps = [Happening.NewcomerNamed, Happening.NewcomerStaged, Happening.NewcomerSealed, Happening.NewcomerInstalled];
        var step = steps[world.Random.Next(steps.Length)];
        var looks = 0;
        Look();

        void Look()
        {
            if (world.Nodes.Find(node => node.IsUp && StepOf(node) == step) is { } newcomer)
            {
                world.Count(script.Kill(newcomer, script.While()), step);
            }
            else if (looks++ < MostLooks && !script.IsOver)
            {
                world.After(LookEvery, Look);
            }
        }
    }

    private Happening? StepOf(RegisterNode node)
    {
        var self = node.Acceptor.Self;
        var lastTwo = world.Chosen.Configurations.TakeLast(2).ToList();
        if (lastTwo is [var before, var latest] && latest.Contains(self) && !before.Contains(self))
        {
            return node.Acceptor.Register.Epoch < latest.Epoch ? Happening.NewcomerSealed : Happening.NewcomerInstalled;
        }

        return world.Chosen.Latest?.Contains(self) == true || !world.IsTarget(self) ? null
            : node.Acceptor.Staged is null ? Happening.NewcomerNamed
            : Happening.NewcomerStaged;
    }

    private List<RegisterNode> Here() => world.Nodes.FindAll(node => node.IsUp);
}
