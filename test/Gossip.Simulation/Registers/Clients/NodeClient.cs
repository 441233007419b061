using Gossip.Agreement;

namespace Gossip.Simulation.Registers;

/// <summary>The users of one life of a node, and the way of their changes to the proposers of others.</summary>
internal sealed class NodeClient
{
    private const int Users = 2;
    private const double RefusedChance = 0.7;
    private static readonly TimeSpan RefusalMax = TimeSpan.FromMilliseconds(5);

    private readonly RegisterWorld _world;
    private readonly RegisterNode _node;
    private readonly Dictionary<long, Action<ClientResult>> _calls = [];
    private readonly List<TableUser> _users = [];
    private ulong _highestSent;
    private long _lastTicket;

    public NodeClient(RegisterWorld world, RegisterNode node)
    {
        (_world, _node) = (world, node);
        for (var i = 0; i < Users; i++)
        {
            _users.Add(new TableUser(world, node, this, i));
        }
    }

    /// <summary>How many changes and reads were answered, to the user who got the fewest.</summary>
    public int Answered => _users.Min(user => user.Answered);

    public void Begin() => _users.ForEach(user => user.Begin());

    public void Change(ReadOnlyMemory<byte> body, TimeSpan timeout, Action<ClientResult> then)
    {
        var ticket = ++_lastTicket;
        _calls[ticket] = then;
        _node.Call((engine, now) => engine.Change(now, ticket, body, now + timeout.Ticks));
    }

    public void Read(TimeSpan timeout, Action<ClientResult> then)
    {
        var ticket = ++_lastTicket;
        _calls[ticket] = then;
        _node.Call((engine, now) => engine.Read(now, ticket, now + timeout.Ticks));
    }

    /// <summary>Hands results to those who wait for them.</summary>
    public void Take(IReadOnlyList<ClientResult> results)
    {
        foreach (var result in results)
        {
            if (!_calls.Remove(result.Ticket, out var then))
            {
                throw new ViolationException("answered-once", $"call {result.Ticket} of node {_node.Index} was answered twice, or it never was made");
            }

            then(result);
        }
    }

    public void Send(NodeId to, Proposal proposal)
    {
        if (proposal.Change.Id.Sequence <= _highestSent)
        {
            _world.Counts.Count(Happening.Retry);
        }

        _highestSent = Math.Max(_highestSent, proposal.Change.Id.Sequence);
        if (_world.Find(to) is not { } target)
        {
            return;
        }

        var (from, life, bytes) = (_node.Instance, _node.Life, ProposalFormat.Encode(proposal));
        _world.Network.Send(_node.Index, target.Index, other => OnProposal(other, from, bytes));
        if (!target.IsUp && _world.Chance(RefusedChance))
        {
            _world.After(_world.Between(TimeSpan.Zero, RefusalMax), () => _node.Receive(life, _ => OnUnreachable(to)));
        }
    }

    private void OnProposal(RegisterNode node, NodeInstance from, byte[] bytes)
    {
        if (!ProposalFormat.TryRead(bytes, out Proposal proposal))
        {
            throw new ViolationException("codec", $"a proposal of {bytes.Length} bytes cannot be read");
        }

        if (proposal.Change.Id.Session != from)
        {
            throw new ViolationException("codec", $"{proposal.Change.Id} came from {from}");
        }

        _world.Trace.Add(bytes);
        node.Call((engine, now) => engine.OnProposal(now, proposal));
    }

    private void OnUnreachable(NodeId to)
    {
        _world.Counts.Count(Happening.Unreachable);
        _node.Call((engine, now) => engine.OnUnreachable(now, to));
    }
}
