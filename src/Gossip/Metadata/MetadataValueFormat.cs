using System.Text;
using System.Text.Unicode;
using Gossip.Wire;

namespace Gossip.Metadata;

/// <summary>
/// A value on the wire: a message with exactly one field, which names the kind (a moment with an offset has two). Whatever
/// else a well-formed message holds is a value of a newer version: it is kept as it came, because relays must not lose data.
/// </summary>
internal static class MetadataValueFormat
{
    // A field that is present counts even when it is zero, so none of them goes through WireWriter.Number.
    private const int BooleanField = (int)MetadataValueKind.Boolean; // varint: 1 = false, 2 = true
    private const int Int64Field = (int)MetadataValueKind.Int64; // zigzag varint
    private const int UInt64Field = (int)MetadataValueKind.UInt64; // varint
    private const int DoubleField = (int)MetadataValueKind.Double; // fixed64
    private const int StringField = (int)MetadataValueKind.String; // UTF-8
    private const int BytesField = (int)MetadataValueKind.Bytes;
    private const int TimeField = (int)MetadataValueKind.Time; // fixed64: UTC ticks
    private const int OffsetField = 8; // zigzag varint: minutes; left out for UTC

    private const int FalseCode = 1;
    private const int TrueCode = 2;
    private const int MaxOverhead = 16; // key and length, or key and number, twice

    private static readonly int MaxOffsetMinutes = (int)TimeSpan.FromHours(14).TotalMinutes; // DateTimeOffset's limit

    /// <summary>A buffer of this size holds the encoded value.</summary>
    public static int MaxSizeOf(in MetadataValue value) =>
        MaxOverhead + value.Bytes.Length + Encoding.UTF8.GetByteCount(value.Text);

    public static void Write(ref WireWriter writer, in MetadataValue value)
    {
        switch (value.Kind)
        {
            case MetadataValueKind.Boolean:
                writer.Key(BooleanField, WireType.Varint);
                writer.Varint(value.Bits + FalseCode);
                break;
            case MetadataValueKind.Int64:
                writer.Key(Int64Field, WireType.Varint);
                writer.Varint(Zigzag((long)value.Bits));
                break;
            case MetadataValueKind.UInt64:
                writer.Key(UInt64Field, WireType.Varint);
                writer.Varint(value.Bits);
                break;
            case MetadataValueKind.Double:
                writer.Fixed64(DoubleField, value.Bits);
                break;
            case MetadataValueKind.String:
                writer.Text(StringField, value.Text);
                break;
            case MetadataValueKind.Bytes:
                writer.Bytes(BytesField, value.Bytes);
                break;
            case MetadataValueKind.Time:
                writer.Fixed64(TimeField, value.Bits);
                writer.Number(OffsetField, Zigzag(value.OffsetMinutes));
                break;
            default:
                writer.Raw(value.Bytes);
                break;
        }
    }

    /// <summary>Whether <see cref="TryRead"/> would succeed; allocates nothing.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> encoded)
    {
        var reader = new WireReader(encoded);
        while (reader.Next())
        {
        }

        return !reader.Malformed;
    }

    /// <summary>Reads a value; false only when the message is malformed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, out MetadataValue value)
    {
        value = default;
        if (!IsWellFormed(encoded))
        {
            return false;
        }

        var reader = new WireReader(encoded);
        var known = reader.Next() && TryReadField(ref reader, ref value) && !reader.Next();
        if (!known)
        {
            value = MetadataValue.OfUnknown(encoded);
        }

        return true;
    }

    private static bool TryReadField(ref WireReader reader, ref MetadataValue value)
    {
        switch (reader.Field, reader.Type)
        {
            case (BooleanField, WireType.Varint) when reader.Number is FalseCode or TrueCode:
                value = reader.Number == TrueCode;
                return true;
            case (Int64Field, WireType.Varint):
                value = Unzigzag(reader.Number);
                return true;
            case (UInt64Field, WireType.Varint):
                value = reader.Number;
                return true;
            case (DoubleField, WireType.Fixed64):
                value = BitConverter.UInt64BitsToDouble(reader.Number);
                return true;
            case (StringField, WireType.Bytes) when Utf8.IsValid(reader.Bytes):
                value = Encoding.UTF8.GetString(reader.Bytes);
                return true;
            case (BytesField, WireType.Bytes):
                value = MetadataValue.OfBytes(reader.Bytes);
                return true;
            case (TimeField, WireType.Fixed64) when reader.Number <= (ulong)DateTime.MaxValue.Ticks:
                return TryReadTime(ref reader, ref value);
            default:
                return false;
        }
    }

    private static bool TryReadTime(ref WireReader reader, ref MetadataValue value)
    {
        var ticks = (long)reader.Number;
        var offset = 0L;
        if (reader.Next())
        {
            if (reader is not { Field: OffsetField, Type: WireType.Varint })
            {
                return false;
            }

            offset = Unzigzag(reader.Number);
        }

        // The local time of a moment near either end of the calendar may lie outside it.
        if (offset < -MaxOffsetMinutes || offset > MaxOffsetMinutes
            || ticks + (offset * TimeSpan.TicksPerMinute) is var local && (local < 0 || local > DateTime.MaxValue.Ticks))
        {
            return false;
        }

        value = MetadataValue.OfTime(ticks, (int)offset);
        return true;
    }

    private static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
