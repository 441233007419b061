using Gossip.Agreement;
using Gossip.Node;

namespace Gossip.Simulation.Registers;

/// <summary>The register client of one life of a node, and its users. It does what the owner of a client does.</summary>
internal sealed class NodeClient
{
    private const int Users = 2;
    private const double RefusedChance = 0.7;
    private static readonly ClientTiming Timing = new();
    private static readonly TimeSpan RefusalMax = TimeSpan.FromMilliseconds(5);

    private readonly RegisterWorld _world;
    private readonly RegisterNode _node;
    private readonly ClientOutbox _outbox = new();
    private readonly RegisterClient _client;
    private readonly Dictionary<long, Action<ClientResult>> _calls = [];
    private readonly List<TableUser> _users = [];
    private ulong _highestSent;
    private long _lastTicket;
    private long _tickAt = long.MaxValue;

    public NodeClient(RegisterWorld world, RegisterNode node)
    {
        (_world, _node) = (world, node);
        _client = new RegisterClient(node.Instance, Timing, new SeededRandom(world.Random.NextUInt64()), _outbox);
        for (var i = 0; i < Users; i++)
        {
            _users.Add(new TableUser(world, node, this, i));
        }
    }

    /// <summary>How many changes and reads were answered, to the user who got the fewest.</summary>
    public int Answered => _users.Min(user => user.Answered);

    public void Begin() => _users.ForEach(user => user.Begin());

    public void Change(ReadOnlyMemory<byte> body, long deadline, Action<ClientResult> then)
    {
        _calls[++_lastTicket] = then;
        _client.Change(_world.Now, _lastTicket, body, deadline);
        Drain();
    }

    public void Read(long deadline, Action<ClientResult> then)
    {
        _calls[++_lastTicket] = then;
        _client.Read(_world.Now, _lastTicket, deadline);
        Drain();
    }

    public void Follow(RegisterId register, Configuration configuration)
    {
        _client.Follow(_world.Now, register, configuration);
        Drain();
    }

    public void OnReply(AcceptorReply reply)
    {
        if (_world.Plant.BelievesOneReplica && reply is Report { News: not null } && _client.Configuration is { } configuration)
        {
            foreach (var acceptor in configuration.Acceptors)
            {
                _client.OnReply(_world.Now, reply with { From = acceptor });
            }
        }

        _client.OnReply(_world.Now, reply);
        Drain();
    }

    public void OnAnswer(NodeId from, byte[] bytes)
    {
        if (!_world.Proposals.TryRead(bytes, out ProposalAnswer answer))
        {
            throw new ViolationException("codec", $"an answer of {bytes.Length} bytes cannot be read");
        }

        var waiting = _client.Waiting;
        _client.OnAnswer(_world.Now, from, answer);
        if (answer.Verdict == Verdict.Void && _client.Waiting < waiting)
        {
            throw new ViolationException("void", $"{answer.Id} is void, although its client waits for it");
        }

        if (answer.News is not null && _client.Waiting < waiting)
        {
            _world.Counts.Count(Happening.ReadByRound);
        }

        Drain();
    }

    private void OnUnreachable(NodeId node)
    {
        _world.Counts.Count(Happening.Unreachable);
        _client.OnUnreachable(_world.Now, node);
        Drain();
    }

    private void Drain()
    {
        foreach (var request in _outbox.Requests)
        {
            _node.SendRequest(request, isRead: true);
        }

        foreach (var (to, proposal) in _outbox.Proposals)
        {
            Send(to, proposal);
        }

        var results = _outbox.Results.ToList();
        _outbox.Clear();
        Schedule();
        foreach (var result in results)
        {
            if (!_calls.Remove(result.Ticket, out var then))
            {
                throw new ViolationException("answered-once", $"call {result.Ticket} of node {_node.Index} was answered twice, or it never was made");
            }

            then(result);
        }
    }

    private void Send(NodeId to, Proposal proposal)
    {
        if (proposal.Change.Id.Sequence <= _highestSent)
        {
            _world.Counts.Count(Happening.Retry);
        }

        _highestSent = Math.Max(_highestSent, proposal.Change.Id.Sequence);
        if (_world.FindFilled(to) is not { } target)
        {
            return;
        }

        var (from, life, bytes) = (_node.Index, _node.Life, ProposalFormat.Encode(proposal));
        _world.Network.Send(from, target.Index, other => other.OnProposal(from, life, bytes));
        if (!target.IsUp && _world.Chance(RefusedChance))
        {
            _world.After(_world.Between(TimeSpan.Zero, RefusalMax), () => _node.Receive(life, _ => OnUnreachable(to)));
        }
    }

    private void Schedule()
    {
        if (_client.NextDeadline < _tickAt)
        {
            var at = _tickAt = _client.NextDeadline;
            _world.At(at, () => _node.Receive(_node.Life, _ => OnTick(at)));
        }
    }

    private void OnTick(long at)
    {
        if (_node.Client != this)
        {
            return;
        }

        if (at == _tickAt)
        {
            _tickAt = long.MaxValue;
        }

        _client.OnTick(_world.Now);
        Drain();
    }
}
