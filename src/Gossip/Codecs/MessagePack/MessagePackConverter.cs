namespace Gossip;

/// <summary>Writes and reads the values of one type as MessagePack. Derive from <see cref="MessagePackConverter{T}"/>.</summary>
public abstract class MessagePackConverter
{
    private protected MessagePackConverter()
    {
    }

    /// <summary>The type.</summary>
    internal abstract Type Type { get; }

    /// <summary>Whether nil is a value of the type, and no empty place.</summary>
    internal virtual bool TakesNil => false;

    /// <summary>Writes a value that is not null.</summary>
    internal abstract void WriteObject(ref MessagePackWriter writer, object value);

    /// <summary>Reads a value that is not nil.</summary>
    internal abstract object ReadObject(ref MessagePackReader reader);
}

/// <summary>
/// Writes and reads the values of one type as MessagePack, in the place of what <see cref="MessagePackCodec"/> would do by itself. It is called from any thread, and never for nil.
/// </summary>
/// <typeparam name="T">The type; not a nullable value type.</typeparam>
public abstract class MessagePackConverter<T> : MessagePackConverter
{
    internal sealed override Type Type => typeof(T);

    /// <summary>Writes a value: exactly one, which may be an array or a map.</summary>
    /// <param name="writer">Takes the value.</param>
    /// <param name="value">The value.</param>
    public abstract void Write(ref MessagePackWriter writer, T value);

    /// <summary>Reads a value: all of what <see cref="Write"/> writes.</summary>
    /// <param name="reader">Gives the value.</param>
    /// <returns>The value.</returns>
    /// <exception cref="PayloadException">The value is not one of this type.</exception>
    public abstract T Read(ref MessagePackReader reader);

    internal sealed override void WriteObject(ref MessagePackWriter writer, object value) => Write(ref writer, (T)value);

    internal sealed override object ReadObject(ref MessagePackReader reader) => Read(ref reader)!;
}
