using System.Globalization;
using Gossip.Dissemination;
using Gossip.Membership;
using Gossip.Metadata;
using Gossip.Node;
using Gossip.Tests.Wire;
using Gossip.Wire;

namespace Gossip.Tests.Membership;

/// <summary>Packets as lines that a person can read and a test can compare.</summary>
internal static class PacketText
{
    /// <summary>For example <c>b: ping #1 b@1; member c@1 suspect 0 by a</c>; streams have a mark.</summary>
    public static string Describe(SentPacket packet) =>
        $"{TestNodes.Name(packet.To)}{(packet.Path == TransmitPath.Datagram ? "" : packet.Path == TransmitPath.Stream ? " (stream)" : " (reply)")}: "
        + string.Join("; ", TestPacket.Messages(packet.Bytes).Select(message => Describe(message.Kind, message.Body)));

    private static string Describe(MessageKind kind, byte[] body)
    {
        var name = Lower(kind);
        switch (kind)
        {
            case MessageKind.Ping or MessageKind.Ack or MessageKind.PingRequest or MessageKind.Nack when ProbeMessage.TryRead(body, out var probe):
                return $"{name} #{probe.Sequence}{(probe.Target.Id.IsNone ? "" : " " + Instance(probe.Target))}";
            case MessageKind.Member when MemberStatement.TryRead(body, out var statement):
                return $"{name} {Instance(statement.Subject)} {Lower(statement.State)} {statement.Incarnation}"
                    + (statement.Accuser.IsNone ? "" : $" by {TestNodes.Name(statement.Accuser)}")
                    + (statement.History ? " history" : "");
            case MessageKind.Facts when FactsDelta.TryRead(body, out var delta):
                return $"{name} {Instance(delta.Owner)} {delta.After}..{delta.Upto} ({delta.Count})";
            case MessageKind.SyncWant:
                var reader = new WireReader(body);
                return reader.Next() && SyncEntry.TryRead(reader.Bytes, out var entry) ? $"{name} {Instance(entry.Subject)}" : name;
            default:
                return name;
        }
    }

    private static string Instance(NodeInstance instance) =>
        string.Create(CultureInfo.InvariantCulture, $"{TestNodes.Name(instance.Id)}@{instance.Generation}");

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
