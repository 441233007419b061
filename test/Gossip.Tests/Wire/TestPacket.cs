using Gossip.Tests.Membership;
using Gossip.Wire;

namespace Gossip.Tests.Wire;

/// <summary>Writes the messages of a packet.</summary>
internal delegate void MessagesWriter(ref WireWriter writer);

/// <summary>Makes and takes apart whole packets.</summary>
internal static class TestPacket
{
    private const int MaxSize = 64 * 1024;

    public static byte[] Of(NodeInstance sender, MessagesWriter write, ulong? cluster = null, byte version = PacketHeader.CurrentVersion)
    {
        var buffer = new byte[MaxSize];
        new PacketHeader(version, PacketKind.Control, 0, cluster ?? TestNodes.Cluster, sender).Write(buffer);
        var writer = new WireWriter(buffer);
        writer.Skip(PacketHeader.Size);
        write(ref writer);
        return buffer[..writer.Position];
    }

    public static byte[] Of(NodeInstance sender, MessageKind kind, ReadOnlySpan<byte> body)
    {
        var bytes = body.ToArray();
        return Of(sender, (ref WireWriter writer) => writer.Bytes((int)kind, bytes));
    }

    /// <summary>The messages of a packet, with the positions at which they end.</summary>
    public static List<(MessageKind Kind, byte[] Body, int End)> Messages(ReadOnlySpan<byte> packet)
    {
        List<(MessageKind, byte[], int)> messages = [];
        var end = PacketHeader.Size;
        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            var key = WireWriter.SizeOfVarint((ulong)reader.Field << 3);
            end += key + WireWriter.SizeOfVarint((ulong)reader.Bytes.Length) + reader.Bytes.Length;
            messages.Add(((MessageKind)reader.Field, reader.Bytes.ToArray(), end));
        }

        return messages;
    }
}
