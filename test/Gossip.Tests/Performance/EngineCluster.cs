using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Node;
using Gossip.Tests.Membership;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Performance;

/// <summary>Engines that know each other from the start, and a network between them that loses nothing and allocates nothing.</summary>
internal sealed class EngineCluster
{
    private static readonly long Step = TimeSpan.FromMilliseconds(5).Ticks;
    private readonly Outbox[] _outboxes;
    private readonly NodeEndpoint[] _endpoints;
    private readonly byte[] _arrived = new byte[1 << 20];
    private long _ticks;

    public EngineCluster(int nodes, TimeSpan syncInterval)
    {
        _outboxes = [.. Enumerable.Range(0, nodes).Select(_ => new Outbox())];
        _endpoints = [.. Enumerable.Range(0, nodes).Select(node => TestNodes.Endpoint(Name(node)))];
        Engines = [.. _outboxes.Select((outbox, i) => new GossipEngine(
            TestNodes.Options(Name(i), (ulong)i + 1) with { Timing = ProtocolTiming.Lan with { SyncInterval = syncInterval } }, outbox))];
        foreach (var engine in Engines)
        {
            engine.Start(Now, joining: false);
        }

        for (var from = 0; from < nodes; from++)
        {
            for (var to = 0; to < nodes; to++)
            {
                if (from != to)
                {
                    Tell(from, to, TestNodes.Says(Name(from), MemberState.Alive));
                }
            }
        }
    }

    public GossipEngine[] Engines { get; }

    /// <summary>How many packets arrived.</summary>
    public int Packets { get; private set; }

    /// <summary>How many broadcasts were handed up, at all nodes together.</summary>
    public int Heard { get; private set; }

    private Moment Now => new(_ticks, 1 + (ulong)(_ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>Has one node say something to another.</summary>
    public void Tell(int from, int to, in MemberStatement statement)
    {
        new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Control, 0, TestNodes.Cluster, TestNodes.Instance(Name(from))).Write(_arrived);
        var writer = new WireWriter(_arrived);
        writer.Skip(PacketHeader.Size);
        statement.Write(ref writer);
        Engines[to].OnPacket(Now, new PacketSource(_endpoints[from], 0), writer.Written);
    }

    public BroadcastOutcome Broadcast(int from, ReadOnlySpan<byte> payload) => Engines[from].TryBroadcast(Now, payload);

    public void Advance(TimeSpan time)
    {
        for (var end = _ticks + time.Ticks; _ticks < end; _ticks += Step)
        {
            for (var i = 0; i < Engines.Length; i++)
            {
                if (Engines[i].NextDeadline <= _ticks)
                {
                    Engines[i].OnTick(Now);
                }
            }

            while (Deliver())
            {
            }
        }
    }

    private static char Name(int node) => (char)('a' + node);

    /// <summary>Everything that waits arrives at once. False when nothing waited.</summary>
    private bool Deliver()
    {
        var delivered = false;
        for (var from = 0; from < _outboxes.Length; from++)
        {
            for (var i = 0; i < _outboxes[from].Transmits.Count; i++)
            {
                var transmit = _outboxes[from].Transmits[i];
                var packet = _arrived.AsSpan(0, transmit.Length);
                _outboxes[from].Bytes(transmit).CopyTo(packet);
                var source = new PacketSource(_endpoints[from], transmit.Path == TransmitPath.Datagram ? 0 : from + 1);
                Engines[To(transmit)].OnPacket(Now, source, packet);
                Packets++;
                delivered = true;
            }

            foreach (var item in _outboxes[from].Events)
            {
                Heard += item.Kind == EngineEventKind.BroadcastReceived ? 1 : 0;
            }

            _outboxes[from].Clear();
        }

        return delivered;
    }

    /// <summary>A connection is named by the node that it came from.</summary>
    private static int To(in Transmit transmit) =>
        transmit.Path == TransmitPath.Connection ? (int)transmit.ConnectionId - 1 : TestNodes.Name(transmit.To) - 'a';
}
