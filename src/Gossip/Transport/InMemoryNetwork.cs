namespace Gossip.Transport;

/// <summary>
/// A network inside the process: nodes without sockets, for tests and experiments. It delivers at once on the thread pool;
/// links can be cut, and datagrams dropped at a rate.
/// </summary>
internal sealed class InMemoryNetwork(int seed = 0)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<NodeEndpoint, InMemoryTransport> _nodes = [];
    private readonly HashSet<(NodeEndpoint From, NodeEndpoint To)> _cuts = [];
    private long _lastId;

    /// <summary>The share of datagrams that get lost, from 0 to 1.</summary>
    public double DropRate { get; set; }

    /// <exception cref="GossipBindException">The endpoint is taken.</exception>
    public InMemoryTransport Bind(NodeEndpoint endpoint)
    {
        var transport = new InMemoryTransport(this, endpoint);
        lock (_gate)
        {
            return _nodes.TryAdd(endpoint, transport)
                ? transport
                : throw new GossipBindException($"Cannot listen at {endpoint}: it is already in use. Choose another endpoint.");
        }
    }

    /// <summary>Lets nothing pass between two nodes, and breaks their connections.</summary>
    public void Cut(NodeEndpoint one, NodeEndpoint other)
    {
        InMemoryTransport? node;
        lock (_gate)
        {
            _cuts.Add((one, other));
            _cuts.Add((other, one));
            node = _nodes.GetValueOrDefault(one);
        }

        node?.Break(other);
    }

    public void Heal(NodeEndpoint one, NodeEndpoint other)
    {
        lock (_gate)
        {
            _cuts.Remove((one, other));
            _cuts.Remove((other, one));
        }
    }

    /// <summary>The node that a packet reaches, or null.</summary>
    public InMemoryTransport? Route(NodeEndpoint from, NodeEndpoint to)
    {
        lock (_gate)
        {
            return _cuts.Contains((from, to)) ? null : _nodes.GetValueOrDefault(to);
        }
    }

    public bool DropsDatagram()
    {
        lock (_gate)
        {
            return _random.NextDouble() < DropRate;
        }
    }

    public long NextId() => Interlocked.Increment(ref _lastId);

    public void Remove(NodeEndpoint endpoint)
    {
        lock (_gate)
        {
            _nodes.Remove(endpoint);
        }
    }
}
