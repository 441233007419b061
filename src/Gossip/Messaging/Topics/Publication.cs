using System.Text;
using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>Which node takes a publication for a queue group.</summary>
internal readonly record struct GroupDuty(string Group, NodeId Node);

/// <summary>
/// A publication as it travels inside a message: what was published, and who takes it for which queue group, for all nodes in one encoding, so that it is made once.
/// </summary>
internal readonly record struct Publication(string Topic, int Type, MessagePayload Payload, bool GroupsOnly, IReadOnlyList<GroupDuty> Duties)
{
    private const int TopicField = 1;
    private const int TypeField = 2;
    private const int CodecField = 3;
    private const int PayloadField = 4;
    private const int GroupsOnlyField = 5;
    private const int DutyField = 6;
    private const int OriginField = 7;
    private const int OriginGenerationField = 8;
    private const int GroupField = 1;
    private const int NodeField = 2;

    /// <summary>At least what the fields take without the topic, the payload and the duties.</summary>
    private const int MaxFraming = 96;

    /// <summary>At least what a duty takes.</summary>
    private const int MaxDutySize = TopicLimits.MaxGroupBytes + NodeId.Size + 16;

    /// <summary>Who published it, when another node hands it on to a client; the default when its sender did.</summary>
    public NodeInstance Origin { get; init; }

    public ReadOnlyMemory<byte> Encode()
    {
        var size = MaxFraming + TopicLimits.MaxTopicBytes + Payload.Size + (Duties.Count * MaxDutySize);
        return WireEncoding.Encode(
            this,
            static (ref WireWriter writer, Publication publication) =>
            {
                writer.Text(TopicField, publication.Topic);
                writer.Number(TypeField, publication.Type);
                writer.Number(CodecField, (int)publication.Payload.Kind);
                writer.Bytes(PayloadField, publication.Payload.Encoded.Span);
                writer.Flag(GroupsOnlyField, publication.GroupsOnly);
                if (publication.Origin != default)
                {
                    writer.Id(OriginField, publication.Origin.Id);
                    writer.Number(OriginGenerationField, publication.Origin.Generation);
                }

                foreach (var duty in publication.Duties)
                {
                    var mark = writer.Begin(DutyField);
                    writer.Text(GroupField, duty.Group);
                    writer.Id(NodeField, duty.Node);
                    writer.End(mark);
                }
            },
            size);
    }

    /// <summary>Reads any bytes. Of the duties it keeps only those of one node. The payload is a part of the source.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> source, NodeId self, out Publication publication)
    {
        publication = default;
        var topic = "";
        var (type, codec) = (0, 0);
        var groupsOnly = false;
        NodeId origin = default;
        var originGeneration = 0UL;
        ReadOnlyMemory<byte> payload = default;
        List<GroupDuty> duties = [];
        var reader = new WireReader(source.Span);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case TopicField:
                    reader.Read(ref topic, TopicLimits.MaxTopicBytes);
                    break;
                case TypeField:
                    reader.Read(ref type);
                    break;
                case CodecField:
                    reader.Read(ref codec);
                    break;
                case PayloadField when source.Span.Overlaps(reader.Bytes, out var offset):
                    payload = source.Slice(offset, reader.Bytes.Length);
                    break;
                case GroupsOnlyField:
                    reader.Read(ref groupsOnly);
                    break;
                case OriginField:
                    reader.Read(ref origin);
                    break;
                case OriginGenerationField:
                    reader.Read(ref originGeneration);
                    break;
                case DutyField:
                    if (!TryTakeDuty(reader.Bytes, self, duties))
                    {
                        return false;
                    }

                    break;
                default:
                    break;
            }
        }

        publication = new Publication(topic, type, new MessagePayload((PayloadKind)codec, payload), groupsOnly, duties) { Origin = new NodeInstance(origin, originGeneration) };
        return !reader.Malformed
            && type is >= MessageTypeNumber.FirstLibrary and <= MessageTypeNumber.Max
            && codec is > 0 and <= MessageTypeRegistry.MaxCodec
            && TopicSyntax.Flaw(topic, isPattern: false, out _) is null;
    }

    private static bool TryTakeDuty(ReadOnlySpan<byte> source, NodeId self, List<GroupDuty> duties)
    {
        ReadOnlySpan<byte> group = default;
        NodeId node = default;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case GroupField:
                    reader.Read(ref group);
                    break;
                case NodeField:
                    reader.Read(ref node);
                    break;
                default:
                    break;
            }
        }

        if (reader.Malformed || group.Length is 0 or > TopicLimits.MaxGroupBytes || duties.Count == TopicLimits.MaxSubscriptions)
        {
            return false; // nobody has so many groups
        }

        if (node == self)
        {
            duties.Add(new GroupDuty(Encoding.UTF8.GetString(group), node));
        }

        return true;
    }
}
