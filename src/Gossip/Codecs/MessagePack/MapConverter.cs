using System.Collections;

namespace Gossip.Codecs;

/// <summary>Dictionaries are maps. Of two pairs with one key the later one holds.</summary>
internal sealed class MapConverter<TKey, TValue>(Type type, MessagePackSlot key, MessagePackSlot value, Func<Dictionary<TKey, TValue>, object> build) : MessagePackConverter
    where TKey : notnull
{
    internal override Type Type => type;

    internal override void WriteObject(ref MessagePackWriter writer, object map)
    {
        KeyValuePair<TKey, TValue>[] pairs = [.. (IEnumerable<KeyValuePair<TKey, TValue>>)map];
        writer.Enter();
        writer.WriteMapHeader(pairs.Length);
        foreach (var pair in pairs)
        {
            key.Write(ref writer, pair.Key);
            value.Write(ref writer, pair.Value);
        }

        writer.Leave();
    }

    internal override object ReadObject(ref MessagePackReader reader)
    {
        reader.Enter();
        Dictionary<TKey, TValue> pairs = [];
        for (var left = reader.ReadMapHeader(); left > 0; left--)
        {
            var name = key.Read<TKey>(ref reader) ?? throw reader.Error("a key is nil");
            pairs[name] = value.Read<TValue>(ref reader)!;
        }

        reader.Leave();
        return build(pairs);
    }
}

/// <summary>The same without types for keys and values, where no code can be made for them.</summary>
internal sealed class BoxedMapConverter(Type type, MessagePackSlot key, MessagePackSlot value, Func<object>? create) : MessagePackConverter
{
    internal override Type Type => type;

    internal override void WriteObject(ref MessagePackWriter writer, object map)
    {
        var pairs = map as IDictionary ?? throw Unreadable();
        writer.Enter();
        writer.WriteMapHeader(pairs.Count);
        foreach (DictionaryEntry pair in pairs)
        {
            key.WriteObject(ref writer, pair.Key);
            value.WriteObject(ref writer, pair.Value);
        }

        writer.Leave();
    }

    internal override object ReadObject(ref MessagePackReader reader)
    {
        var pairs = create?.Invoke() as IDictionary ?? throw Unreadable();
        reader.Enter();
        for (var left = reader.ReadMapHeader(); left > 0; left--)
        {
            var name = key.ReadObject(ref reader) ?? throw reader.Error("a key is nil");
            pairs[name] = value.ReadObject(ref reader);
        }

        reader.Leave();
        return pairs;
    }

    private PayloadException Unreadable() =>
        MessagePackContracts.Unsupported(type, "without code made at run time, of dictionaries with such content only Dictionary and its like can be used");
}
