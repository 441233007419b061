using Gossip.Membership;
using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Bench.Measurements;

/// <summary>What engines alone take of memory, without sockets and in a time that is made: these are counts, and the same on every machine.</summary>
internal static class EngineMemory
{
    public const int Members = 10_000;

    private const ushort Port = 11511;
    private const int LargestPacket = 64 * 1024;
    private const ulong Cluster = 1;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Measured = TimeSpan.FromHours(1);

    /// <summary>Bytes that one engine retains for each of many members, with all that is to be told of them and the view that users see.</summary>
    public static long OfKnownMembers()
    {
        GC.KeepAlive(ViewBuilder.Build(Fill(1).Table, 1)); // what is made once for all is not theirs
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var engine = Fill(Members);
        var view = ViewBuilder.Build(engine.Table, 1);
        var retained = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(engine);
        GC.KeepAlive(view);
        return retained;
    }

    /// <summary>Bytes that two engines allocate for each packet, while they do nothing but probe each other and compare equal views.</summary>
    public static double PerPacket()
    {
        var (one, other) = (new Side(1), new Side(2));
        one.Hear(other);
        other.Hear(one);
        var now = Play(0, WarmUp.Ticks);
        var (packets, allocated) = (one.Packets + other.Packets, GC.GetAllocatedBytesForCurrentThread());
        Play(now, now + Measured.Ticks);
        return (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / (one.Packets + other.Packets - packets);

        long Play(long now, long end)
        {
            while (now < end)
            {
                now = Math.Max(now, Math.Min(one.Engine.NextDeadline, other.Engine.NextDeadline));
                one.Tick(now);
                other.Tick(now);
                while (one.DeliverTo(other, now) | other.DeliverTo(one, now))
                {
                }
            }

            return now;
        }
    }

    private static GossipEngine Fill(int members)
    {
        var side = new Side(0);
        for (var i = 1; i <= members; i++)
        {
            side.Hear(new Side(i, quiet: true));
        }

        return side.Engine;
    }

    private static Moment At(long ticks) => new(ticks, 1 + (ulong)(ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>One engine, or only the name of one.</summary>
    private sealed class Side
    {
        private readonly Outbox _outbox = new();
        private readonly NodeEndpoint _endpoint;
        private readonly NodeInstance _instance;
        private readonly GossipEngine? _engine;
        private readonly byte[] _arrived = [];

        public Side(int number, bool quiet = false)
        {
            _endpoint = NodeEndpoint.FromIpv4((uint)number + 1, Port);
            _instance = new NodeInstance(new NodeId(((UInt128)(number + 1) << 64) | (UInt128)(number + 1)), 1);
            if (quiet)
            {
                return;
            }

            _arrived = new byte[LargestPacket];
            _engine = new GossipEngine(
                new EngineOptions { Self = _instance, Endpoint = _endpoint, ClusterHash = Cluster, Timing = ProtocolTiming.Lan, RandomSeed = (ulong)number + 1 }, _outbox);
            _engine.Start(At(0), joining: false);
        }

        public GossipEngine Engine => _engine ?? throw new InvalidOperationException("It is only a name.");

        public long Packets { get; private set; }

        /// <summary>Hears of another one from itself.</summary>
        public void Hear(Side other)
        {
            new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Control, 0, Cluster, other._instance).Write(_arrived);
            var writer = new WireWriter(_arrived);
            writer.Skip(PacketHeader.Size);
            new MemberStatement { Subject = other._instance, State = MemberState.Alive, Endpoint = other._endpoint }.Write(ref writer);
            Engine.OnPacket(At(0), new PacketSource(other._endpoint, 0), writer.Written);
            _outbox.Clear();
        }

        public void Tick(long now)
        {
            if (Engine.NextDeadline <= now)
            {
                Engine.OnTick(At(now));
            }
        }

        /// <summary>All that waits arrives at once. False when nothing waited.</summary>
        public bool DeliverTo(Side other, long now)
        {
            var any = _outbox.Transmits.Count > 0;
            foreach (var transmit in _outbox.Transmits)
            {
                var packet = other._arrived.AsSpan(0, transmit.Length);
                _outbox.Bytes(transmit).CopyTo(packet);
                other.Engine.OnPacket(At(now), new PacketSource(_endpoint, transmit.Path == TransmitPath.Datagram ? 0 : 1), packet);
                Packets++;
            }

            _outbox.Clear();
            return any;
        }
    }
}
