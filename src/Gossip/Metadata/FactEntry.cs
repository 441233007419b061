using System.Text.Unicode;
using Gossip.Wire;

namespace Gossip.Metadata;

/// <summary>One fact as it lies in a delta: parts of the received buffer, checked but not copied.</summary>
internal ref struct FactEntry
{
    private const int KindField = 1;
    private const int KeyField = 2;
    private const int StampField = 3;
    private const int ValueField = 4; // absent in a tombstone

    public FactKind Kind { get; private set; }

    public ReadOnlySpan<byte> Key { get; private set; }

    public ulong Stamp { get; private set; }

    public bool HasValue { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public ReadOnlySpan<byte> Encoded { get; private init; }

    public static void Write(ref WireWriter writer, FactKind kind, string key, MetadataValue? value, ulong stamp)
    {
        writer.Number(KindField, (int)kind);
        writer.Text(KeyField, key);
        writer.Fixed64(StampField, stamp);
        if (value is { } present)
        {
            var mark = writer.Begin(ValueField);
            MetadataValueFormat.Write(ref writer, present);
            writer.End(mark);
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> encoded, out FactEntry entry)
    {
        entry = new FactEntry { Encoded = encoded };
        int kind = 0;
        ulong stamp = 0;
        ReadOnlySpan<byte> key = default, value = default;
        var hasValue = false;
        var reader = new WireReader(encoded);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case KindField:
                    reader.Read(ref kind);
                    break;
                case KeyField:
                    reader.Read(ref key);
                    break;
                case StampField:
                    reader.Read(ref stamp);
                    break;
                case ValueField:
                    reader.Read(ref value);
                    hasValue = true;
                    break;
            }
        }

        entry.Kind = (FactKind)kind;
        entry.Key = key;
        entry.Stamp = stamp;
        entry.Value = value;
        entry.HasValue = hasValue;
        return !reader.Malformed && kind != 0 && stamp != 0 && !key.IsEmpty && Utf8.IsValid(key)
            && (!hasValue || MetadataValueFormat.IsWellFormed(value));
    }
}
