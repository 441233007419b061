using System.Text;
using Gossip.Node;

namespace Gossip.Tests.Wire;

/// <summary>What an engine that knows the sender makes of a packet, as text: its table, its events and what it answers.</summary>
internal static class Reaction
{
    private const long Connection = 5;

    public static string To(byte[] packet, bool stream) => To(packet, stream, out _);

    public static string To(byte[] packet, bool stream, out GossipEngine engine)
    {
        var harness = GoldenPackets.EngineBWithA();
        harness.Receive(new PacketSource(GoldenPackets.EndpointA, stream ? Connection : 0), packet);
        engine = harness.Engine;
        var text = new StringBuilder();
        foreach (var member in engine.Table.All.OrderBy(member => member.Id))
        {
            var tags = string.Join(',', member.Facts.Tags);
            var metadata = string.Join(',', member.Facts.Metadata.Select(pair => $"{pair.Key}={pair.Value}"));
            text.AppendLine(null, $"{member.Instance} {member.Endpoint} {member.State} {member.Incarnation} {member.Traits} [{tags}] [{metadata}]");
        }

        foreach (var engineEvent in harness.Events)
        {
            text.AppendLine(null, $"{engineEvent.Kind} {engineEvent.Subject} {engineEvent.After} {Convert.ToHexString(engineEvent.Payload.Span)}");
        }

        foreach (var sent in harness.Take())
        {
            var kinds = string.Join(' ', TestPacket.Messages(sent.Bytes).Select(message => message.Kind));
            text.AppendLine(null, $"{sent.Path} {sent.To} {kinds}");
        }

        text.AppendLine(null, $"wants {engine.BroadcastsWanted} broadcasts");
        return text.ToString();
    }

    /// <summary>The reaction to a packet without messages.</summary>
    public static string ToNothing(bool stream) => To(TestPacket.Of(GoldenPackets.A, static (ref _) => { }, GoldenPackets.Cluster), stream);
}
