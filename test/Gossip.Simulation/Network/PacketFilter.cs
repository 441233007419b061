using Gossip.Wire;

namespace Gossip.Simulation;

/// <summary>Whether a message to a node is taken out of the packet that it is in.</summary>
internal delegate bool MessageFilter(MessageKind kind, ReadOnlySpan<byte> body, int to);

/// <summary>Takes messages out of packets, and leaves the rest of each as it is.</summary>
internal static class PacketFilter
{
    public static PacketTamper Discarding(MessageFilter discards) => (_, to, packet) =>
    {
        if (!Finds(packet, to, discards))
        {
            return packet;
        }

        var writer = new WireWriter(new byte[packet.Length]);
        writer.Raw(packet[..PacketHeader.Size]);
        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            if (!discards((MessageKind)reader.Field, reader.Bytes, to))
            {
                writer.Bytes(reader.Field, reader.Bytes);
            }
        }

        return writer.Written.ToArray();
    };

    private static bool Finds(ReadOnlySpan<byte> packet, int to, MessageFilter discards)
    {
        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            if (discards((MessageKind)reader.Field, reader.Bytes, to))
            {
                return true;
            }
        }

        return false;
    }
}
