using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>
/// The first three fields of every data message: the life of the node that it is addressed to, and the sequence that pairs
/// a message with its answer. They are written apart from the rest, so that one body serves all targets of a send.
/// </summary>
internal struct DeliveryAddress(NodeInstance target, ulong sequence)
{
    /// <summary>The most bytes that the three fields take.</summary>
    public const int MaxSize = 48;

    private const int TargetField = 1;
    private const int GenerationField = 2;
    private const int SequenceField = 3;

    private NodeId _id = target.Id;
    private ulong _generation = target.Generation;
    private ulong _sequence = sequence;

    /// <summary>None in a broadcast, which is for everyone.</summary>
    public readonly NodeInstance Target => new(_id, _generation);

    public readonly ulong Sequence => _sequence;

    public static bool TryRead(ReadOnlySpan<byte> source, out DeliveryAddress address)
    {
        address = default;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            _ = address.TryTake(ref reader);
        }

        return !reader.Malformed;
    }

    public readonly void Write(ref WireWriter writer)
    {
        if (!_id.IsNone)
        {
            writer.Id(TargetField, _id);
        }

        writer.Number(GenerationField, _generation);
        writer.Number(SequenceField, _sequence);
    }

    /// <summary>Takes the reader's field when it is one of the three.</summary>
    public bool TryTake(ref WireReader reader)
    {
        switch (reader.Field)
        {
            case TargetField:
                reader.Read(ref _id);
                return true;
            case GenerationField:
                reader.Read(ref _generation);
                return true;
            case SequenceField:
                reader.Read(ref _sequence);
                return true;
            default:
                return false;
        }
    }
}
