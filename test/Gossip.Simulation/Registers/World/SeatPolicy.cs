using System.Collections.Immutable;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>Decides who should have a seat: the world's wish for a number, without stores that are lost and nodes that are long dead. Also has the register founded.</summary>
internal sealed class SeatPolicy(RegisterWorld world, RegisterNode node)
{
    private static readonly TimeSpan DeadPatience = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan RivalSpread = TimeSpan.FromMilliseconds(2);
    private const double FoundingChance = 0.4;

    /// <summary>Acceptors whose store was replaced.</summary>
    public HashSet<AcceptorId> Lost { get; } = [];

    private bool IsFounder => node.Index < world.Setup.Founders && node.Proposer.Configuration is not null && node.Proposer.Register.Epoch == 0;

    public void Begin(bool isFirst)
    {
        if (isFirst && node.Index < world.Setup.Rivals)
        {
            var life = node.Life;
            world.After(world.Between(TimeSpan.Zero, RivalSpread), () => node.Receive(life, _ => Found()));
        }
    }

    public void Look()
    {
        if (IsFounder && !node.Proposer.IsReconfiguring && world.Chance(FoundingChance))
        {
            Found();
        }
        else if (node.Proposer is { IsLeading: true, IsReconfiguring: false, Configuration: { Epoch: > 0 } configuration } && Next(configuration) is { } seats && node.Proposer.TryReconfigure(world.Now, seats))
        {
            world.Target(seats);
            node.Drain();
        }
    }

    private void Found()
    {
        if (!IsFounder)
        {
            return;
        }

        world.Counts.Count(Happening.RivalFounding);
        var seats = world.Nodes.Take(world.Setup.Founders).Select(founder => founder.Acceptor.Self).ToImmutableArray();
        world.Target(seats);
        node.Proposer.Found(world.Now, new Lineage(world.DrawGuid(), Guid.Empty, 0), seats);
        node.Drain();
    }

    private ImmutableArray<AcceptorId>? Next(Configuration configuration)
    {
        var kept = configuration.Acceptors.Where(seat => !Lost.Contains(seat) && !IsLongDead(seat)).Take(world.WantedSeats).ToList();
        var free = world.Nodes.Where(other => other is { IsUp: true, IsPaused: false } && !configuration.Contains(other.Acceptor.Self));
        kept.AddRange(free.Select(other => other.Acceptor.Self).Take(world.WantedSeats - kept.Count));
        var next = Configuration.Of(configuration.Epoch, kept);
        var isWorth = kept.Count == world.WantedSeats || (kept.Count > configuration.Acceptors.Length && kept.Count % 2 == 1);
        return isWorth && !next.Equals(configuration) ? next.Acceptors : null;
    }

    private bool IsLongDead(AcceptorId seat) => world.Find(seat) is { IsUp: false } dead && world.Now - dead.DownSince > DeadPatience.Ticks;
}
