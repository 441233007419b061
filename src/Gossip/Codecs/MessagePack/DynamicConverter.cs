namespace Gossip.Codecs;

/// <summary>
/// Values declared as <see cref="object"/>: written as what they are, and read as what the format can tell: numbers as <see cref="long"/> (<see cref="ulong"/> where that is too small) and <see cref="double"/>, moments, text, bytes,
/// arrays of objects, and dictionaries of objects.
/// </summary>
internal sealed class DynamicConverter(MessagePackContracts contracts) : MessagePackConverter
{
    internal override Type Type => typeof(object);

    internal override void WriteObject(ref MessagePackWriter writer, object value)
    {
        if (value.GetType() == typeof(object))
        {
            writer.WriteMapHeader(0);
        }
        else
        {
            contracts.Find(value.GetType()).WriteObject(ref writer, value);
        }
    }

    internal override object ReadObject(ref MessagePackReader reader)
    {
        switch (reader.NextType)
        {
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Integer:
                var number = reader.ReadInteger<Int128>();
                return number <= long.MaxValue ? (long)number : (ulong)number;
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Binary:
                return reader.ReadBinary().ToArray();
            case MessagePackType.Extension:
                return reader.ReadDateTime();
            case MessagePackType.Array:
                return ReadArray(ref reader);
            default:
                return ReadMap(ref reader);
        }
    }

    private object?[] ReadArray(ref MessagePackReader reader)
    {
        reader.Enter();
        List<object?> values = [];
        for (var left = reader.ReadArrayHeader(); left > 0; left--)
        {
            values.Add(reader.TryReadNil() ? null : ReadObject(ref reader));
        }

        reader.Leave();
        return [.. values];
    }

    private Dictionary<object, object?> ReadMap(ref MessagePackReader reader)
    {
        reader.Enter();
        Dictionary<object, object?> pairs = [];
        for (var left = reader.ReadMapHeader(); left > 0; left--)
        {
            if (reader.TryReadNil())
            {
                throw reader.Error("a key is nil");
            }

            var key = ReadObject(ref reader);
            pairs[key] = reader.TryReadNil() ? null : ReadObject(ref reader);
        }

        reader.Leave();
        return pairs;
    }
}
