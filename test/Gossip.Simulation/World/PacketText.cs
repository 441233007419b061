using System.Globalization;
using System.Text;
using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Wire;

namespace Gossip.Simulation;

/// <summary>Packets for people to read.</summary>
internal static class PacketText
{
    public static bool IsFirst(ReadOnlySpan<byte> packet, MessageKind kind)
    {
        var reader = new WireReader(packet[PacketHeader.Size..]);
        return reader.Next() && reader.Field == (int)kind;
    }

    public static string Describe(ReadOnlySpan<byte> packet, SimWorld world)
    {
        var text = new StringBuilder();
        var reader = new WireReader(packet[PacketHeader.Size..]);
        while (reader.Next())
        {
            text.Append(text.Length > 0 ? " | " : "").Append((MessageKind)reader.Field);
            switch ((MessageKind)reader.Field)
            {
                case MessageKind.Member when MemberStatement.TryRead(reader.Bytes, out var statement):
                    text.Append(CultureInfo.InvariantCulture, $" {Name(world, statement.Subject)} {statement.State} inc {statement.Incarnation} facts {statement.FactsVersion:x}");
                    text.Append(statement.Accuser.IsNone ? "" : $" by {world.Find(statement.Accuser)?.Index}").Append(statement.History ? " history" : "");
                    break;
                case MessageKind.Facts when FactsDelta.TryRead(reader.Bytes, out var delta):
                    text.Append(CultureInfo.InvariantCulture, $" {Name(world, delta.Owner)} {delta.After:x}..{delta.Upto:x} floor {delta.Floor:x} count {delta.Count}");
                    break;
                case MessageKind.Ping or MessageKind.Ack or MessageKind.PingRequest or MessageKind.Nack when ProbeMessage.TryRead(reader.Bytes, out var probe):
                    text.Append(CultureInfo.InvariantCulture, $" #{probe.Sequence}");
                    text.Append(probe.Target.Id.IsNone ? "" : $" of {Name(world, probe.Target)}");
                    break;
                case MessageKind.SyncVersions or MessageKind.SyncWant:
                    DescribeEntries(text, reader.Bytes, world);
                    break;
            }
        }

        return text.ToString();
    }

    private static void DescribeEntries(StringBuilder text, ReadOnlySpan<byte> body, SimWorld world)
    {
        const int EntryField = 3;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            if (reader.Field == EntryField && reader.Type == WireType.Bytes && SyncEntry.TryRead(reader.Bytes, out var entry))
            {
                text.Append(CultureInfo.InvariantCulture, $" [{Name(world, entry.Subject)} {entry.State} inc {entry.Incarnation} facts {entry.Facts.Version:x}]");
            }
        }
    }

    private static string Name(SimWorld world, NodeInstance instance) =>
        string.Create(CultureInfo.InvariantCulture, $"{world.Find(instance.Id)?.Index}@{instance.Generation:x}");
}
