namespace Gossip.Codecs;

/// <summary>A place for values of one type: a property, an element, a key. It knows whether the place may be empty; its converter is looked up when it is needed first, so that a type may contain itself.</summary>
internal sealed class MessagePackSlot(MessagePackContracts contracts, Type type)
{
    private readonly Type? _underlying = Nullable.GetUnderlyingType(type);
    private MessagePackConverter? _converter;

    private bool MayBeNull => _underlying is not null || !type.IsValueType;

    private MessagePackConverter Converter => _converter ??= contracts.Find(_underlying ?? type);

    public void WriteObject(ref MessagePackWriter writer, object? value)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            Converter.WriteObject(ref writer, value);
        }
    }

    public object? ReadObject(ref MessagePackReader reader) => IsEmpty(ref reader) ? null : Converter.ReadObject(ref reader);

    /// <summary>As <see cref="WriteObject"/>; numbers need no memory.</summary>
    public void Write<T>(ref MessagePackWriter writer, T value)
    {
        if (value is not null && Converter is MessagePackConverter<T> converter)
        {
            converter.Write(ref writer, value);
        }
        else
        {
            WriteObject(ref writer, value);
        }
    }

    /// <summary>As <see cref="ReadObject"/>; numbers need no memory.</summary>
    public T? Read<T>(ref MessagePackReader reader) =>
        IsEmpty(ref reader) ? default
        : Converter is MessagePackConverter<T> converter ? converter.Read(ref reader)
        : (T)Converter.ReadObject(ref reader);

    private bool IsEmpty(ref MessagePackReader reader)
    {
        if (reader.NextType != MessagePackType.Nil || (!MayBeNull && Converter.TakesNil))
        {
            return false;
        }

        return MayBeNull ? reader.TryReadNil() : throw reader.Error($"Nil stands where {type} should");
    }
}
