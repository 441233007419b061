using Gossip.Wire;

namespace Gossip.Metadata;

/// <summary>
/// The body of a <see cref="MessageKind.Facts"/> message: the facts of one life of a node whose stamps are above
/// <see cref="After"/> and not above <see cref="Upto"/>. A view of the received buffer, checked as a whole before use.
/// </summary>
internal ref struct FactsDelta
{
    /// <summary>All fields but the entries fit this many bytes, so a delta with all of a set's facts fits that and <see cref="FactSet.SizeInBytes"/>.</summary>
    public const int MaxHeaderSize = 2 + NodeId.Size + 1 + 10 + (3 * (1 + sizeof(ulong)));

    private const int OwnerField = 1;
    private const int GenerationField = 2;
    private const int AfterField = 3;
    private const int UptoField = 4;
    private const int FloorField = 5;
    private const int EntryField = 6;

    private ReadOnlySpan<byte> _body;

    /// <summary>Whose facts these are.</summary>
    public NodeInstance Owner { get; private set; }

    /// <summary>The delta is complete for whoever knows all facts up to this stamp; 0 in a snapshot.</summary>
    public ulong After { get; private set; }

    /// <summary>The last stamp that the delta covers; it holds no entries, and is an advert, when this equals <see cref="After"/>.</summary>
    public ulong Upto { get; private set; }

    /// <summary>The writer has forgotten tombstones up to this stamp.</summary>
    public ulong Floor { get; private set; }

    public int Count { get; private set; }

    public int SizeInBytes { get; private set; }

    /// <summary>The bytes of the longest key.</summary>
    public int LongestKey { get; private set; }

    public static int SizeOfEntry(int encodedLength) => 1 + WireWriter.SizeOfVarint((ulong)encodedLength) + encodedLength;

    /// <summary>The bytes of the header, which do not depend on the stamps.</summary>
    public static int SizeOfHeader(NodeInstance owner) =>
        2 + NodeId.Size + (owner.Generation == 0 ? 0 : 1 + WireWriter.SizeOfVarint(owner.Generation)) + (3 * (1 + sizeof(ulong)));

    public static void WriteHeader(ref WireWriter writer, NodeInstance owner, ulong after, ulong upto, ulong floor)
    {
        writer.Id(OwnerField, owner.Id);
        writer.Number(GenerationField, owner.Generation);
        writer.Fixed64(AfterField, after);
        writer.Fixed64(UptoField, upto);
        writer.Fixed64(FloorField, floor);
    }

    public static void WriteEntry(ref WireWriter writer, Fact fact) => writer.Bytes(EntryField, fact.Encoded);

    /// <summary>
    /// Reads and checks a delta without allocating. Stamps must rise and lie between <see cref="After"/> and <see cref="Upto"/>.
    /// Whether they lie in the future is for the caller to check, who has the clock: <see cref="Upto"/> and <see cref="Floor"/>
    /// bound them.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out FactsDelta delta)
    {
        delta = new FactsDelta { _body = body };
        NodeId owner = default;
        ulong generation = 0, after = 0, upto = 0, floor = 0, first = ulong.MaxValue, last = 0;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            if (reader.Field != EntryField)
            {
                ReadHeaderField(ref reader, ref owner, ref generation, ref after, ref upto, ref floor);
                continue;
            }

            if (reader.Type != WireType.Bytes || !FactEntry.TryRead(reader.Bytes, out var entry) || entry.Stamp <= last)
            {
                return false;
            }

            first = Math.Min(first, entry.Stamp);
            last = entry.Stamp;
            delta.Count++;
            delta.SizeInBytes += SizeOfEntry(reader.Bytes.Length);
            delta.LongestKey = Math.Max(delta.LongestKey, entry.Key.Length);
        }

        delta.Owner = new NodeInstance(owner, generation);
        delta.After = after;
        delta.Upto = upto;
        delta.Floor = floor;
        return !reader.Malformed && !owner.IsNone && after <= upto && first > after && last <= upto;
    }

    /// <summary>Reads only what comes before the entries: enough to see that there is nothing new, as in most deltas that arrive.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> body, out FactsDelta header)
    {
        header = new FactsDelta { _body = body };
        NodeId owner = default;
        ulong generation = 0, after = 0;
        ulong upto = ulong.MaxValue, floor = ulong.MaxValue; // what a writer puts after the entries is not seen here, and may be news
        var reader = new WireReader(body);
        while (reader.Next() && reader.Field != EntryField)
        {
            ReadHeaderField(ref reader, ref owner, ref generation, ref after, ref upto, ref floor);
        }

        header.Owner = new NodeInstance(owner, generation);
        header.After = after;
        header.Upto = upto;
        header.Floor = floor;
        return !reader.Malformed && !owner.IsNone && after <= upto;
    }

    /// <summary>Copies the facts out of the buffer, in the order of their stamps.</summary>
    public readonly Fact[] ToFacts()
    {
        var facts = new Fact[Count];
        var count = 0;
        var reader = new WireReader(_body);
        while (reader.Next())
        {
            if (reader.Field == EntryField && FactEntry.TryRead(reader.Bytes, out var entry))
            {
                facts[count++] = Fact.Create(entry);
            }
        }

        return facts;
    }

    private static void ReadHeaderField(ref WireReader reader, ref NodeId owner, ref ulong generation, ref ulong after, ref ulong upto, ref ulong floor)
    {
        switch (reader.Field)
        {
            case OwnerField:
                reader.Read(ref owner);
                break;
            case GenerationField:
                reader.Read(ref generation);
                break;
            case AfterField:
                reader.Read(ref after);
                break;
            case UptoField:
                reader.Read(ref upto);
                break;
            case FloorField:
                reader.Read(ref floor);
                break;
        }
    }
}
