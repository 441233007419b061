using System.Collections.Immutable;
using System.Globalization;
using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>Has the register founded, and gives its seats to whom the policy wants on them, of the nodes that take part.</summary>
internal sealed class SeatKeeper(RegisterWorld world, RegisterNode node)
{
    private static readonly TimeSpan DeadPatience = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan RivalSpread = TimeSpan.FromMilliseconds(2);
    private const double FoundingChance = 0.4;
    private const int Zones = 3;

    private readonly SeatWatch _watch = new();

    private bool IsFounder => node.Index < world.Setup.Founders && node.Proposer.Configuration is not null && node.Proposer.Register.Epoch == 0;

    public void Begin(bool isFirst)
    {
        if (isFirst && node.Index < world.Setup.Rivals)
        {
            var life = node.Life;
            world.After(world.Between(TimeSpan.Zero, RivalSpread), () => node.Receive(life, _ => Found()));
        }
    }

    /// <summary>The store of an acceptor was replaced.</summary>
    public void OnLost(AcceptorId seat) => _watch.Gone(seat);

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
        foreach (var seat in configuration.Acceptors)
        {
            Watch(seat);
        }

        var candidates = world.Nodes
            .Where(other => other is { IsUp: true, IsPaused: false } && !world.Retired.Contains(other.Index))
            .Select(other => new SeatCandidate(other.Acceptor.Self, (other.Index % Zones).ToString(CultureInfo.InvariantCulture), other.Index < world.Setup.Founders, other.IsDurable))
            .ToList();
        return SeatPolicy.Decide(configuration, _watch.Look(configuration, world.Now), candidates);
    }

    private void Watch(AcceptorId seat)
    {
        if (world.Find(seat) is not { } there || world.Retired.Contains(there.Index))
        {
            _watch.Gone(seat);
        }
        else if (!there.IsUp)
        {
            _watch.Misses(seat, world.Now, DeadPatience);
        }
        else if (there.Acceptor.Self != seat)
        {
            _watch.Gone(seat);
        }
        else
        {
            _watch.Serves(seat);
        }
    }
}
