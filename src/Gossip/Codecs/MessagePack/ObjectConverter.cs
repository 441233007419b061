using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Gossip.Codecs;

/// <summary>Objects are maps of the names of their properties. Names that are not known are passed over, and what is missing stays as the object makes it.</summary>
internal sealed class ObjectConverter : MessagePackConverter
{
    private readonly ObjectProperty[] _written;
    private readonly ObjectProperty[] _read;
    private readonly bool _isFixed; // whether all properties are always written
    private readonly Func<object>? _create;
    private readonly ConstructorInvoker? _constructor;
    private readonly object?[] _defaults = [];

    public ObjectConverter(JsonTypeInfo info, MessagePackContracts contracts)
    {
        Type = info.Type;
        ObjectProperty[] properties = [.. info.Properties.Where(static property => !property.IsExtensionData).Select(property => new ObjectProperty(property, contracts))];
        _written = [.. properties.Where(static property => property.CanWrite)];
        _read = [.. properties.Where(static property => property.CanRead)];
        _isFixed = !Array.Exists(_written, static property => property.IsOptional);
        _create = info.CreateObject;
        if (_create is null && info.ConstructorAttributeProvider is ConstructorInfo constructor)
        {
            _constructor = ConstructorInvoker.Create(constructor);
            _defaults = [.. constructor.GetParameters().Select(static parameter => parameter.HasDefaultValue ? parameter.DefaultValue : null)];
        }
    }

    internal override Type Type { get; }

    internal override void WriteObject(ref MessagePackWriter writer, object value)
    {
        writer.Enter();
        if (_isFixed)
        {
            writer.WriteMapHeader(_written.Length);
            foreach (var property in _written)
            {
                property.Write(ref writer, property.Get(value));
            }
        }
        else
        {
            WriteWanted(ref writer, value);
        }

        writer.Leave();
    }

    internal override object ReadObject(ref MessagePackReader reader)
    {
        reader.Enter();
        var made = _create is not null ? ReadInto(_create(), ref reader)
            : _constructor is not null ? ReadThenMake(_constructor, ref reader)
            : throw MessagePackContracts.Unsupported(Type, "it has no constructor that its contract names");
        reader.Leave();
        return made;
    }

    private void WriteWanted(ref MessagePackWriter writer, object value)
    {
        List<(ObjectProperty Property, object? Value)> wanted = new(_written.Length);
        foreach (var property in _written)
        {
            if (property.Get(value) is var content && property.IsWanted(value, content))
            {
                wanted.Add((property, content));
            }
        }

        writer.WriteMapHeader(wanted.Count);
        foreach (var (property, content) in wanted)
        {
            property.Write(ref writer, content);
        }
    }

    private object ReadInto(object made, ref MessagePackReader reader)
    {
        var next = 0;
        for (var left = reader.ReadMapHeader(); left > 0; left--)
        {
            if (ReadName(ref reader, ref next) is { } property)
            {
                property.Set(made, property.Read(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }

        return made;
    }

    private object ReadThenMake(ConstructorInvoker constructor, ref MessagePackReader reader)
    {
        object?[] arguments = [.. _defaults];
        List<(ObjectProperty Property, object? Value)>? later = null;
        var next = 0;
        for (var left = reader.ReadMapHeader(); left > 0; left--)
        {
            if (ReadName(ref reader, ref next) is not { } property)
            {
                reader.Skip();
            }
            else if (property.Parameter is { } parameter)
            {
                arguments[parameter] = property.Read(ref reader);
            }
            else
            {
                (later ??= []).Add((property, property.Read(ref reader)));
            }
        }

        var made = constructor.Invoke(arguments.AsSpan());
        foreach (var (property, value) in later ?? [])
        {
            property.Set(made, value);
        }

        return made;
    }

    /// <summary>Reads a key. Most writers keep the order of the properties, so the one after the last is looked at first.</summary>
    private ObjectProperty? ReadName(ref MessagePackReader reader, ref int next)
    {
        if (reader.NextType != MessagePackType.String)
        {
            reader.Skip();
            return null;
        }

        var name = reader.ReadUtf8();
        for (var i = 0; i < _read.Length; i++)
        {
            var at = next + i < _read.Length ? next + i : next + i - _read.Length;
            if (name.SequenceEqual(_read[at].Name))
            {
                next = at + 1 < _read.Length ? at + 1 : 0;
                return _read[at];
            }
        }

        return null;
    }
}
