using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Membership;

/// <summary>
/// The four messages of failure detection have one layout: a sequence number that pairs questions with answers, and for
/// questions the life that is asked for, so that nobody answers for another or for an earlier self.
/// </summary>
internal struct ProbeMessage
{
    private const int SequenceField = 1;
    private const int TargetField = 2;
    private const int GenerationField = 3;
    private const int EndpointField = 4;
    private const int TraitsField = 5;

    public ulong Sequence;
    public NodeInstance Target;

    /// <summary>Where the helper of an indirect probe finds the target.</summary>
    public NodeEndpoint Endpoint;
    public MemberTraits Traits;

    public readonly void Write(ref WireWriter writer, MessageKind kind)
    {
        var mark = writer.Begin((int)kind);
        writer.Number(SequenceField, Sequence);
        if (!Target.Id.IsNone)
        {
            writer.Id(TargetField, Target.Id);
            writer.Number(GenerationField, Target.Generation);
        }

        if (!Endpoint.IsNone)
        {
            writer.Endpoint(EndpointField, Endpoint);
            writer.Number(TraitsField, (int)Traits);
        }

        writer.End(mark);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out ProbeMessage message)
    {
        message = default;
        NodeId id = default;
        ulong generation = 0;
        var traits = 0;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case SequenceField:
                    reader.Read(ref message.Sequence);
                    break;
                case TargetField:
                    reader.Read(ref id);
                    break;
                case GenerationField:
                    reader.Read(ref generation);
                    break;
                case EndpointField:
                    reader.Read(ref message.Endpoint);
                    break;
                case TraitsField:
                    reader.Read(ref traits);
                    break;
            }
        }

        message.Target = new NodeInstance(id, generation);
        message.Traits = (MemberTraits)traits;
        return !reader.Malformed;
    }
}
