namespace Gossip.Simulation.Registers;

/// <summary>Carries bytes between nodes: late, twice, in another order, or not at all.</summary>
internal sealed class RegisterNetwork(RegisterWorld world)
{
    private static readonly TimeSpan StragglerMax = TimeSpan.FromMilliseconds(400);
    private readonly HashSet<(int From, int To)> _cuts = [];

    public void Cut(int from, int to) => _cuts.Add((from, to));

    public void Heal(int from, int to) => _cuts.Remove((from, to));

    public void HealAll() => _cuts.Clear();

    /// <summary>Sends something; what is delivered is told when it arrives at a process that runs.</summary>
    public void Send(int from, int to, Action<RegisterNode> deliver)
    {
        if (from != to && _cuts.Contains((from, to)))
        {
            world.Counts.Count(Happening.Cut);
            return;
        }

        if (from != to && !world.IsCalm && world.Chance(world.Setup.Loss))
        {
            world.Counts.Count(Happening.Lost);
            return;
        }

        Deliver(from, to, deliver);
        if (from != to && !world.IsCalm && world.Chance(world.Setup.Duplication))
        {
            world.Counts.Count(Happening.Duplicated);
            Deliver(from, to, deliver);
        }
    }

    private void Deliver(int from, int to, Action<RegisterNode> deliver)
    {
        var delay = from == to ? TimeSpan.Zero : world.Between(world.Setup.DelayMin, world.Setup.DelayMax);
        if (from != to && world.Chance(world.Setup.Stragglers))
        {
            world.Counts.Count(Happening.Delayed);
            delay = world.Between(delay, StragglerMax);
        }

        world.After(delay, () => world.Nodes[to].Receive(deliver));
    }
}
