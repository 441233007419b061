using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Gossip.Codecs;

/// <summary>Collections are arrays. Memory grows with the values that are there, not with their announced number.</summary>
internal sealed class SequenceConverter<T>(Type type, MessagePackSlot element, Func<List<T>, object> build) : MessagePackConverter
{
    internal override Type Type => type;

    internal override void WriteObject(ref MessagePackWriter writer, object value)
    {
        ReadOnlySpan<T> values = value switch
        {
            T[] array => array,
            List<T> list => CollectionsMarshal.AsSpan(list),
            ImmutableArray<T> array => array.AsSpan(),
            IEnumerable<T> sequence => (T[])[.. sequence],
            _ => (T[])[.. ((IEnumerable)value).Cast<T>()],
        };
        writer.Enter();
        writer.WriteArrayHeader(values.Length);
        foreach (var each in values)
        {
            element.Write(ref writer, each);
        }

        writer.Leave();
    }

    internal override object ReadObject(ref MessagePackReader reader)
    {
        reader.Enter();
        List<T> values = [];
        for (var left = reader.ReadArrayHeader(); left > 0; left--)
        {
            values.Add(element.Read<T>(ref reader)!);
        }

        reader.Leave();
        return build(values);
    }
}

/// <summary>The same without a type for the elements, where no code can be made for it.</summary>
internal sealed class BoxedSequenceConverter(Type type, MessagePackSlot element, Func<object>? create) : MessagePackConverter
{
    internal override Type Type => type;

    internal override void WriteObject(ref MessagePackWriter writer, object value)
    {
        object?[] values = [.. ((IEnumerable)value).Cast<object?>()];
        writer.Enter();
        writer.WriteArrayHeader(values.Length);
        foreach (var each in values)
        {
            element.WriteObject(ref writer, each);
        }

        writer.Leave();
    }

    internal override object ReadObject(ref MessagePackReader reader)
    {
        reader.Enter();
        List<object?> values = [];
        for (var left = reader.ReadArrayHeader(); left > 0; left--)
        {
            values.Add(element.ReadObject(ref reader));
        }

        reader.Leave();
        if (type.IsArray)
        {
            var array = Array.CreateInstanceFromArrayType(type, values.Count);
            for (var i = 0; i < values.Count; i++)
            {
                array.SetValue(values[i], i);
            }

            return array;
        }

        if (create?.Invoke() is not IList made)
        {
            throw MessagePackContracts.Unsupported(type, "without code made at run time, of collections of such elements only arrays and lists can be read");
        }

        foreach (var each in values)
        {
            made.Add(each);
        }

        return made;
    }
}
