using Gossip.Node;
using Gossip.Transport;

namespace Gossip.Simulation;

/// <summary>
/// The links between all pairs: who reaches whom, how fast, and how reliably. Datagrams are its own; streams are built on it
/// (<see cref="SimStreams"/>).
/// </summary>
internal sealed class SimNetwork(SimWorld world)
{
    /// <summary>10.0.0.1 is node 0.</summary>
    private const uint FirstAddress = 0x0A00_0001;

    private const ushort Port = 11511;

    private readonly int _count = world.Setup.Nodes;
    private readonly SendTrouble[] _troubles = new SendTrouble[world.Setup.Nodes];
    private readonly int[] _sides = new int[world.Setup.Nodes];
    private readonly bool[] _cuts = new bool[world.Setup.Nodes * world.Setup.Nodes];
    private readonly long[] _lastArrival = new long[world.Setup.Nodes * world.Setup.Nodes];

    public LinkConditions Conditions { get; set; } = world.Setup.Conditions;

    /// <summary>Sees each packet before the network does, and may replace it; an empty answer discards it. For planted bugs.</summary>
    public PacketTamper? Tamper { get; set; }

    public static NodeEndpoint EndpointOf(int node) => NodeEndpoint.FromIpv4(FirstAddress + (uint)node, Port);

    /// <summary>The node at an endpoint, or a negative number when there can be none.</summary>
    public int NodeAt(in NodeEndpoint endpoint)
    {
        var index = (int)(endpoint.Ipv4Bits - FirstAddress);
        return endpoint.IsIpv4 && endpoint.Port == Port && index >= 0 && index < _count ? index : -1;
    }

    /// <summary>Whether packets cannot get from one node to another.</summary>
    public bool IsCut(int from, int to) => _sides[from] != _sides[to] || _cuts[(from * _count) + to];

    /// <summary>Whether no stream works between two nodes: it needs both directions.</summary>
    public bool IsCutEitherWay(int one, int other) => IsCut(one, other) || IsCut(other, one);

    public void CutOneWay(int from, int to) => _cuts[(from * _count) + to] = true;

    public void Cut(int one, int other)
    {
        CutOneWay(one, other);
        CutOneWay(other, one);
    }

    /// <summary>Breaks the way out of one host for datagrams; streams, which have other queues, still work.</summary>
    public void Trouble(int node, SendTrouble trouble) => _troubles[node] = trouble;

    /// <summary>Puts a node on a side; nodes on different sides do not reach each other.</summary>
    public void Separate(int node, int side) => _sides[node] = side;

    public void Heal()
    {
        Array.Clear(_troubles);
        Array.Clear(_sides);
        Array.Clear(_cuts);
    }

    /// <summary>The delay of the next packet, without any loss.</summary>
    public long Delay(int from, int to)
    {
        var (low, high) = from < to ? (from, to) : (to, from);
        var place = (uint)SeededRandom.Mix(world.Setup.Seed ^ (((ulong)low << 32) | (uint)high)) * (1.0 / (1UL << 32));
        var delay = Conditions.Latency.Ticks + (long)(Conditions.LatencySpread.Ticks * place);
        return Conditions.Jitter == TimeSpan.Zero
            ? delay
            : delay + (long)(-Math.Log(1 - world.Random.NextDouble()) * Conditions.Jitter.Ticks);
    }

    public bool Loses() => Conditions.Loss > 0 && world.Random.NextDouble() < Conditions.Loss;

    public void SendDatagram(SimNode from, in NodeEndpoint endpoint, ReadOnlySpan<byte> packet)
    {
        if (packet.Length > world.Setup.MaxDatagramSize)
        {
            throw new ViolationException("datagram-size", $"node {from.Index} sends {packet.Length} bytes in one datagram, more than {world.Setup.MaxDatagramSize}");
        }

        var to = NodeAt(endpoint);
        if (to < 0)
        {
            throw new ViolationException("known-endpoint", $"node {from.Index} sends to {endpoint}, where no node ever was");
        }

        switch (_troubles[from.Index])
        {
            case SendTrouble.Lost:
                world.Counts.Count(Fault.Dropped);
                return;
            case SendTrouble.Refused:
                world.Counts.Count(Fault.SendError);
                world.Plan(world.Now, new SimEvent { Kind = SimEventKind.SendFailed, Node = from.Index, Boot = from.Boot });
                return;
        }

        if (IsCut(from.Index, to))
        {
            world.Counts.Count(Fault.Cut);
            return;
        }

        if (Loses())
        {
            world.Counts.Count(Fault.Dropped);
            return;
        }

        Deliver(from.Index, to, packet);
        if (Conditions.Duplication > 0 && world.Random.NextDouble() < Conditions.Duplication)
        {
            world.Counts.Count(Fault.Duplicated);
            Deliver(from.Index, to, packet);
        }
    }

    private void Deliver(int from, int to, ReadOnlySpan<byte> packet)
    {
        var at = world.Now + Delay(from, to);
        ref var last = ref _lastArrival[(from * _count) + to];
        if (at < last)
        {
            world.Counts.Count(Fault.Reordered);
        }

        last = Math.Max(last, at);
        world.Plan(at, new SimEvent
        {
            Kind = SimEventKind.Datagram,
            Node = to,
            Peer = from,
            Bytes = world.Buffers.Copy(packet),
            Length = packet.Length,
        });
    }
}

/// <summary>What is wrong with a host's own way out.</summary>
internal enum SendTrouble : byte
{
    None,

    /// <summary>Datagrams vanish, as behind a firewall rule.</summary>
    Lost,

    /// <summary>Each send of a datagram fails, and the process hears so.</summary>
    Refused,
}

/// <summary>What a planted bug makes of a packet between two nodes.</summary>
internal delegate ReadOnlySpan<byte> PacketTamper(int from, int to, ReadOnlySpan<byte> packet);
