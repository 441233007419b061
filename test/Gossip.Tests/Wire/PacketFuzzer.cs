using Gossip.Membership;
using Gossip.Tests.Membership;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Wire;

/// <summary>Makes packets that nobody in his right mind would send: noise, damaged packets, and whole ones that say random things.</summary>
internal sealed class PacketFuzzer(int seed)
{
    private const int MaxNoise = 200;
    private const int MaxDamage = 6;
    private const int MaxMessages = 8;
    private const int MaxFields = 8;
    private const int MaxField = 12;
    private const int MaxText = 40;

    private static readonly byte[][] Sane = [.. GoldenPackets.Control.Select(packet => packet.Bytes), .. GoldenPackets.Data.Select(packet => packet.Bytes)];
    private static readonly MessageKind[] Kinds = Enum.GetValues<MessageKind>();
    private readonly Random _random = new(seed);
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>A random time for the engine to pass.</summary>
    public TimeSpan Pause() => TimeSpan.FromMilliseconds(_random.Next(20) == 0 ? _random.Next(2000) : _random.Next(2));

    public byte[] Next() => _random.Next(10) switch
    {
        0 => Noise(),
        < 5 => Damaged(),
        _ => Invented(),
    };

    /// <summary>Any of the two ways in, and for streams any of a few connections, whose peer may be known.</summary>
    public (NodeEndpoint Endpoint, long Connection) Source() =>
        (_random.Next(3) == 0 ? default : GoldenPackets.EndpointA, _random.Next(2) == 0 ? 0 : _random.Next(1, 4));

    private byte[] Noise()
    {
        var noise = new byte[_random.Next(MaxNoise)];
        _random.NextBytes(noise);
        return _random.Next(2) == 0 ? noise : [.. GoldenPackets.Ping().AsSpan(0, PacketHeader.Size), .. noise];
    }

    private byte[] Damaged()
    {
        List<byte> packet = [.. Sane[_random.Next(Sane.Length)]];
        for (var i = _random.Next(1, MaxDamage); i > 0; i--)
        {
            // The header is mostly left alone, or hardly anything would get past it.
            var at = _random.Next(_random.Next(10) == 0 ? 0 : Math.Min(PacketHeader.Size, packet.Count - 1), packet.Count);
            switch (_random.Next(5))
            {
                case 0:
                    packet[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1:
                    packet[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    packet.Insert(at, (byte)_random.Next(256));
                    break;
                case 3:
                    packet.RemoveRange(at, Math.Min(_random.Next(1, 4), packet.Count - at));
                    break;
                default:
                    var other = Sane[_random.Next(Sane.Length)];
                    packet.InsertRange(at, other.AsSpan(PacketHeader.Size + _random.Next(other.Length - PacketHeader.Size)).ToArray());
                    break;
            }

            if (packet.Count == 0)
            {
                break;
            }
        }

        return [.. packet];
    }

    private byte[] Invented()
    {
        var sender = _random.Next(4) == 0 ? new NodeInstance(Id(), Number()) : GoldenPackets.A;
        new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Control, 0, GoldenPackets.Cluster, sender).Write(_buffer);
        var writer = new WireWriter(_buffer);
        writer.Skip(PacketHeader.Size);
        for (var i = _random.Next(1, MaxMessages); i > 0; i--)
        {
            var kind = Kinds[_random.Next(Kinds.Length)];
            if (kind == MessageKind.Member && _random.Next(4) != 0)
            {
                Statement().Write(ref writer);
                continue;
            }

            var mark = writer.Begin(Math.Max(1, (int)kind));
            Fields(ref writer, depth: 2);
            writer.End(mark);
        }

        return writer.Written.ToArray();
    }

    private MemberStatement Statement() => new()
    {
        Subject = new NodeInstance(Id(), Generation()),
        State = (MemberState)_random.Next(7),
        Incarnation = _random.Next(2) == 0 ? (ulong)_random.Next(4) : Number(),
        Endpoint = NodeEndpoint.FromIpv4((uint)_random.Next(1, 300), (ushort)_random.Next(1, ushort.MaxValue)),
        Traits = (MemberTraits)_random.Next(8),
        Accuser = _random.Next(2) == 0 ? Id() : default,
        FactsVersion = _random.Next(2) == 0 ? Number() : 0,
        History = _random.Next(2) == 0,
        AgeSeconds = _random.Next(2) == 0 ? Number() : 0,
    };

    private void Fields(ref WireWriter writer, int depth)
    {
        for (var i = _random.Next(MaxFields); i > 0; i--)
        {
            var field = _random.Next(1, MaxField);
            switch (_random.Next(6))
            {
                case 0:
                    writer.Number(field, Number());
                    break;
                case 1:
                    writer.Fixed64(field, Number());
                    break;
                case 2:
                    writer.Id(field, Id());
                    break;
                case 3:
                    writer.Endpoint(field, GoldenPackets.EndpointA);
                    break;
                case 4 when depth > 0:
                    var mark = writer.Begin(field);
                    Fields(ref writer, depth - 1);
                    writer.End(mark);
                    break;
                default:
                    var bytes = new byte[_random.Next(MaxText)];
                    _random.NextBytes(bytes);
                    writer.Bytes(field, bytes);
                    break;
            }
        }
    }

    private NodeId Id() => _random.Next(6) switch
    {
        0 => GoldenPackets.A.Id,
        1 => GoldenPackets.B.Id,
        2 => GoldenPackets.C.Id,
        3 => new NodeId((UInt128)Number()),
        _ => TestNodes.Id((char)_random.Next('a', 'z')),
    };

    private ulong Generation() => _random.Next(3) switch
    {
        0 => GoldenPackets.A.Generation,
        1 => GoldenPackets.B.Generation,
        _ => Number(),
    };

    /// <summary>Small ones, large ones, and those at the edges.</summary>
    private ulong Number() => _random.Next(4) switch
    {
        0 => (ulong)_random.Next(8),
        1 => (ulong)_random.NextInt64(),
        2 => ulong.MaxValue - (ulong)_random.Next(3),
        _ => 1UL << _random.Next(64),
    };
}
