using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gossip.Codecs;

/// <summary>A property of an object: its name as it is written, and how to get and set it.</summary>
internal sealed class ObjectProperty
{
    private readonly Func<object, object?>? _get;
    private readonly Action<object, object?>? _set;
    private readonly Func<object, object?, bool>? _isWanted;
    private readonly MessagePackSlot _slot;

    public ObjectProperty(JsonPropertyInfo info, MessagePackContracts contracts)
    {
        var name = NameOf(info);
        Name = Encoding.UTF8.GetBytes(name);
        var encoded = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(encoded);
        writer.WriteUtf8(Name);
        writer.Flush();
        EncodedName = encoded.WrittenSpan.ToArray();
        _slot = new MessagePackSlot(contracts, info.PropertyType);
        _get = info.Get;
        _isWanted = info.ShouldSerialize;
        if (info.AssociatedParameter is not { } parameter)
        {
            _set = info.Set;
        }
        else if (!parameter.IsMemberInitializer)
        {
            Parameter = parameter.Position;
        }
        else if (info.AttributeProvider is PropertyInfo property)
        {
            _set = property.SetValue; // generated contracts set what is init-only and required within a constructor call of their own, which nobody else can call
        }
        else if (info.AttributeProvider is FieldInfo field)
        {
            _set = field.SetValue;
        }
    }

    public byte[] Name { get; }

    public byte[] EncodedName { get; }

    /// <summary>Which parameter of the constructor takes it; null when it is set afterwards, or never.</summary>
    public int? Parameter { get; }

    public bool CanRead => Parameter is not null || _set is not null;

    public bool CanWrite => _get is not null;

    /// <summary>Whether it may be left out, which depends on its value.</summary>
    public bool IsOptional => _isWanted is not null;

    public object? Get(object owner) => _get!(owner);

    public bool IsWanted(object owner, object? value) => _isWanted?.Invoke(owner, value) != false;

    public void Set(object owner, object? value) => _set!(owner, value);

    public void Write(ref MessagePackWriter writer, object? value)
    {
        writer.WriteRaw(EncodedName);
        _slot.WriteObject(ref writer, value);
    }

    public object? Read(ref MessagePackReader reader) => _slot.ReadObject(ref reader);

    /// <summary>The name that an attribute gives, or that of the member itself: a naming policy is one of JSON.</summary>
    private static string NameOf(JsonPropertyInfo info) => info.AttributeProvider is MemberInfo member
        ? member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? member.Name
        : info.Name;
}
