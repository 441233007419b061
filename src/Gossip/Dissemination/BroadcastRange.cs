using Gossip.Wire;

namespace Gossip.Dissemination;

/// <summary>Some broadcasts of one origin: those that somebody has, or wants. A bitmap, because most of their numbers follow one another.</summary>
internal ref struct BroadcastRange
{
    /// <summary>The bytes of the longest bitmap.</summary>
    public const int MaxBitmap = BroadcastLimits.PerOrigin / BitsPerByte;

    private const int BitsPerByte = 8;
    private const int OriginField = 1;
    private const int GenerationField = 2;
    private const int FirstField = 3;
    private const int HeldField = 4;
    private const int LargeField = 5;

    public NodeInstance Origin;

    /// <summary>The number that the first bit stands for.</summary>
    public ulong First;

    /// <summary>Which ones: bit i mod 8 of byte i / 8 stands for the number <see cref="First"/> + i.</summary>
    public ReadOnlySpan<byte> Held;

    /// <summary>Which of them do not fit a datagram; may be shorter.</summary>
    public ReadOnlySpan<byte> Large;

    /// <summary>How many bits there are.</summary>
    public readonly int Width => Held.Length * BitsPerByte;

    public static bool Has(ReadOnlySpan<byte> bitmap, int bit) =>
        bit / BitsPerByte < bitmap.Length && (bitmap[bit / BitsPerByte] & (1 << (bit % BitsPerByte))) != 0;

    public static void Set(Span<byte> bitmap, int bit) => bitmap[bit / BitsPerByte] |= (byte)(1 << (bit % BitsPerByte));

    public readonly bool Contains(ulong sequence) => sequence >= First && sequence - First < (ulong)Width && Has(Held, (int)(sequence - First));

    public static void Write(ref WireWriter writer, int field, scoped BroadcastRange range)
    {
        var mark = writer.Begin(field);
        WriteFields(ref writer, range);
        writer.End(mark);
    }

    public static void WriteFields(ref WireWriter writer, scoped BroadcastRange range)
    {
        writer.Id(OriginField, range.Origin.Id);
        writer.Number(GenerationField, range.Origin.Generation);
        writer.Number(FirstField, range.First);
        writer.Bytes(HeldField, range.Held.TrimEnd((byte)0));
        var large = range.Large.TrimEnd((byte)0);
        if (!large.IsEmpty)
        {
            writer.Bytes(LargeField, large);
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out BroadcastRange range)
    {
        range = default;
        NodeId origin = default;
        ulong generation = 0, first = 0;
        ReadOnlySpan<byte> held = default, large = default;
        var reader = new WireReader(body);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case OriginField:
                    reader.Read(ref origin);
                    break;
                case GenerationField:
                    reader.Read(ref generation);
                    break;
                case FirstField:
                    reader.Read(ref first);
                    break;
                case HeldField:
                    reader.Read(ref held);
                    break;
                case LargeField:
                    reader.Read(ref large);
                    break;
            }
        }

        range = new BroadcastRange { Origin = new NodeInstance(origin, generation), First = first, Held = held, Large = large };
        return !reader.Malformed
            && !origin.IsNone
            && range.First != 0
            && range.Held.Length is > 0 and <= MaxBitmap
            && range.Large.Length <= range.Held.Length
            && range.First <= ulong.MaxValue - (ulong)range.Width;
    }
}
