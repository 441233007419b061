using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>
/// The first fields of every data message: the life of the node that it is addressed to, the sequence that pairs a message with its answer, and for
/// reliable messages how far it is ahead of the oldest one that is not finished. They are written apart from the rest, so that one body serves all targets of a send.
/// </summary>
internal struct DeliveryAddress(NodeInstance target, ulong sequence, ulong ahead = 0)
{
    /// <summary>The most bytes that these fields take.</summary>
    public const int MaxSize = 48;

    private const int TargetField = 1;
    private const int GenerationField = 2;
    private const int SequenceField = 3;
    private const int AheadField = 12;

    private NodeId _id = target.Id;
    private ulong _generation = target.Generation;
    private ulong _sequence = sequence;
    private ulong _ahead = ahead;

    /// <summary>None in a broadcast, which is for everyone.</summary>
    public readonly NodeInstance Target => new(_id, _generation);

    public readonly ulong Sequence => _sequence;

    /// <summary>The sequence of the oldest reliable message to the target that was not finished when this one was sent: at most its own.</summary>
    public readonly ulong Oldest => _ahead < _sequence ? _sequence - _ahead : 1;

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
        writer.Number(AheadField, _ahead);
    }

    /// <summary>Takes the reader's field when it is one of them.</summary>
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
            case AheadField:
                reader.Read(ref _ahead);
                return true;
            default:
                return false;
        }
    }
}
