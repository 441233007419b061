using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Messaging;

/// <summary>How often, from 0 to 1, a packet suffers what.</summary>
internal sealed record Faults
{
    public double Drop { get; init; }

    public double Duplicate { get; init; }

    public double Reorder { get; init; }

    /// <summary>A frame is accepted, and then reported as undeliverable.</summary>
    public double Fail { get; init; }

    /// <summary>A frame is not accepted.</summary>
    public double Full { get; init; }
}

/// <summary>Carries packets between nodes of one process, one at a time, and spoils them by a seed.</summary>
internal sealed class TestNetwork(int seed)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly List<Packet> _queue = [];
    private readonly Dictionary<NodeEndpoint, TestNode> _nodes = [];

    public Faults Faults { get; set; } = new();

    /// <summary>Packets for which this is true are lost.</summary>
    public Func<TestNode, NodeEndpoint, byte[], bool> Cut { get; set; } = (_, _, _) => false;

    public int Datagrams { get; private set; }

    public int Frames { get; private set; }

    public int Dropped { get; private set; }

    public int Duplicated { get; private set; }

    public int Failed { get; private set; }

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count == 0;
            }
        }
    }

    public void Join(TestNode node) => _nodes[node.LocalEndpoint] = node;

    public void Leave(TestNode node) => _nodes.Remove(node.LocalEndpoint);

    public bool Send(TestNode from, NodeEndpoint to, ReadOnlySpan<byte> packet, bool isFrame)
    {
        lock (_gate)
        {
            if (isFrame && Happens(Faults.Full))
            {
                return false;
            }

            if (isFrame)
            {
                Frames++;
            }
            else
            {
                Datagrams++;
            }

            var copy = packet.ToArray();
            if (Cut(from, to, copy) || Happens(Faults.Drop))
            {
                Dropped++;
                return true;
            }

            var fails = isFrame && (!_nodes.ContainsKey(to) || Happens(Faults.Fail));
            Failed += fails ? 1 : 0;
            Enqueue(new Packet(from, to, copy, isFrame, fails));
            if (!fails && Happens(Faults.Duplicate))
            {
                Duplicated++;
                Enqueue(new Packet(from, to, copy, isFrame, false));
            }

            return true;
        }
    }

    /// <summary>Delivers one packet; false when there is none.</summary>
    public bool Step()
    {
        Packet packet;
        TestNode? receiver;
        lock (_gate)
        {
            if (_queue.Count == 0)
            {
                return false;
            }

            packet = _queue[0];
            _queue.RemoveAt(0);
            _nodes.TryGetValue(packet.To, out receiver);
        }

        if (packet.Fails)
        {
            packet.From.Messages.OnUndeliverable(packet.To, packet.Bytes);
        }
        else if (receiver is not null && PacketHeader.TryRead(packet.Bytes, out var header))
        {
            receiver.Messages.OnPacket(header, packet.Bytes, packet.IsFrame ? new Connection(this, receiver, packet.From.LocalEndpoint) : null);
        }

        return true;
    }

    private void Enqueue(Packet packet) =>
        _queue.Insert(Happens(Faults.Reorder) ? _random.Next(_queue.Count + 1) : _queue.Count, packet);

    private bool Happens(double probability) => probability > 0 && _random.NextDouble() < probability;

    private sealed record Packet(TestNode From, NodeEndpoint To, byte[] Bytes, bool IsFrame, bool Fails);

    private sealed class Connection(TestNetwork network, TestNode owner, NodeEndpoint peer) : ITransportConnection
    {
        public NodeEndpoint RemoteEndpoint => peer;

        public long Id => 1;

        public NodeEndpoint Peer => peer;

        public bool TrySend(ReadOnlySpan<byte> packet) => network.Send(owner, peer, packet, isFrame: true);

        public void Close(Exception? error)
        {
        }
    }
}
