using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>One header on the wire: a key and a value.</summary>
internal static class MessageHeader
{
    private const int KeyField = 1;
    private const int ValueField = 2;

    public static void Write(ref WireWriter writer, int field, string key, string value)
    {
        var mark = writer.Begin(field);
        writer.Text(KeyField, key);
        writer.Text(ValueField, value);
        writer.End(mark);
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = default;
        value = default;
        var reader = new WireReader(source);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case KeyField when reader.Type == WireType.Bytes:
                    key = reader.Bytes;
                    break;
                case ValueField when reader.Type == WireType.Bytes:
                    value = reader.Bytes;
                    break;
                default:
                    break;
            }
        }

        return !reader.Malformed;
    }
}
