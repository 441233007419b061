using Gossip.Tests.Wire;
using Gossip.Wire;

namespace Gossip.Tests.Sealing;

/// <summary>A sender and a receiver of one path, without a network between them.</summary>
internal sealed class SealBench(SealPath path, string cluster = "orders", int capacity = 64, uint boot = 1) : IDisposable
{
    public const string Key = "101112131415161718191a1b1c1d1e1f101112131415161718191a1b1c1d1e1f";
    public const string OtherKey = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    public SealLane Lane { get; } = new(new SealScope(cluster, "eu"), path, boot);

    public SealOpener Opener { get; } = new(new SealScope("orders", "eu"), path, capacity);

    public static byte[] Packet(NodeInstance sender, int body = 100)
    {
        var packet = new byte[PacketHeader.Size + body];
        new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Control, 0, GoldenPackets.Cluster, sender).Write(packet);
        for (var i = 0; i < body; i++)
        {
            packet[PacketHeader.Size + i] = (byte)i;
        }

        return packet;
    }

    public static KeyRing Ring(params string[] keys) => KeyRing.Parse(keys);

    public byte[] Seal(byte[] plain, string key = Key)
    {
        var packet = new byte[plain.Length + SealFormat.Overhead];
        Lane.Seal(RingKey.Parse(key), plain, packet);
        return packet;
    }

    public SealVerdict Open(byte[] packet, KeyRing? ring = null) => Open(packet, out _, ring);

    public SealVerdict Open(byte[] packet, out byte[] plain, KeyRing? ring = null)
    {
        var buffer = new byte[packet.Length];
        var verdict = PacketHeader.TryRead(packet, out var header)
            ? Opener.Open(ring ?? Ring(Key), header, packet, buffer)
            : SealVerdict.BadTag;
        plain = verdict == SealVerdict.Opened ? buffer[..^SealFormat.Overhead] : [];
        return verdict;
    }

    public void Dispose()
    {
        Lane.Dispose();
        Opener.Dispose();
    }
}
