using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gossip.Messaging;

namespace Gossip;

/// <summary>The content of a message or of a reply: encoded bytes, and how they are encoded. The default value is no bytes.</summary>
public readonly struct MessagePayload
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly PayloadKind _kind;

    internal MessagePayload(PayloadKind kind, ReadOnlyMemory<byte> encoded, int compression = PayloadCompression.None)
    {
        _kind = kind;
        Encoded = encoded;
        Compression = compression;
    }

    /// <summary>No bytes: for messages whose type says it all.</summary>
    public static MessagePayload Empty => default;

    /// <summary>How the content is encoded.</summary>
    public PayloadKind Kind => _kind == default ? PayloadKind.Bytes : _kind;

    /// <summary>The encoded content.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The number of encoded bytes.</summary>
    public int Size => Encoded.Length;

    /// <summary>How the encoded content is compressed, on its way to the network only: no user sees such a payload.</summary>
    internal int Compression { get; }

    /// <summary>Makes a payload of bytes, without a copy: do not change them until the send is over.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The payload.</returns>
    public static MessagePayload FromBytes(ReadOnlyMemory<byte> bytes) => new(PayloadKind.Bytes, bytes);

    /// <summary>Makes a payload of text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="PayloadException">The text has half a surrogate pair and is no valid Unicode.</exception>
    public static MessagePayload FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return new(PayloadKind.Text, Utf8.GetBytes(text));
        }
        catch (EncoderFallbackException e)
        {
            throw new PayloadException("The text is not valid Unicode: send it as bytes.", e);
        }
    }

    /// <summary>Makes a payload of a JSON value that needs no .NET type.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="PayloadException"><paramref name="value"/> is the default value, which is no JSON.</exception>
    public static MessagePayload FromJson(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            throw new PayloadException("The JSON element is undefined: parse or build a value first.");
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            value.WriteTo(writer);
        }

        return new(PayloadKind.Json, buffer.WrittenMemory);
    }

    /// <summary>Makes a payload of an object written by a codec.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="value">The object.</param>
    /// <param name="codec">What writes it. The receiver must have it too: <see cref="MessageTypeRegistry.AddCodec"/>.</param>
    /// <param name="contract">What the object consists of, for codecs that want to know: <see cref="MessagePackCodec"/> and <see cref="JsonCodec"/> do.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="PayloadException">The object cannot be written by the codec.</exception>
    public static MessagePayload From<T>(T value, IMessageCodec codec, JsonTypeInfo<T>? contract = null)
    {
        ArgumentNullException.ThrowIfNull(codec);
        var buffer = new ArrayBufferWriter<byte>();
        codec.Encode(buffer, value, contract);
        return new(codec.Kind, buffer.WrittenMemory);
    }

    /// <summary>Makes a payload of an object written as JSON.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="value">The object.</param>
    /// <param name="contract">How it is written.</param>
    /// <returns>The payload.</returns>
    /// <exception cref="PayloadException">The object cannot be written as JSON, for example because it contains itself.</exception>
    public static MessagePayload FromJson<T>(T value, JsonTypeInfo<T> contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        return From(value, JsonCodec.Default, contract);
    }

    /// <summary>The bytes.</summary>
    /// <returns>The bytes, without a copy.</returns>
    /// <exception cref="PayloadException">The payload is not of kind <see cref="PayloadKind.Bytes"/>.</exception>
    public ReadOnlyMemory<byte> ReadBytes()
    {
        Expect(PayloadKind.Bytes);
        return Encoded;
    }

    /// <summary>The text.</summary>
    /// <returns>The text.</returns>
    /// <exception cref="PayloadException">The payload is not of kind <see cref="PayloadKind.Text"/>, or not valid UTF-8.</exception>
    public string ReadText()
    {
        Expect(PayloadKind.Text);
        try
        {
            return Utf8.GetString(Encoded.Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new PayloadException("The text is not valid UTF-8.", e);
        }
    }

    /// <summary>The JSON value, for readers without a .NET type.</summary>
    /// <returns>The value.</returns>
    /// <exception cref="PayloadException">The payload is not of kind <see cref="PayloadKind.Json"/>, or not valid JSON.</exception>
    public JsonElement ReadJson()
    {
        Expect(PayloadKind.Json);
        try
        {
            return JsonElement.Parse(Encoded.Span);
        }
        catch (JsonException e)
        {
            throw new PayloadException($"The payload is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>The object.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="contract">How it is read.</param>
    /// <returns>The object, never null.</returns>
    /// <exception cref="PayloadException">The payload is not of kind <see cref="PayloadKind.Json"/>, not valid JSON, null, or does not fit the type.</exception>
    public T ReadJson<T>(JsonTypeInfo<T> contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        return Read(JsonCodec.Default, contract);
    }

    /// <summary>The object that a codec wrote.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="codec">What reads it.</param>
    /// <param name="contract">What the object consists of, for codecs that want to know.</param>
    /// <returns>The object, never null.</returns>
    /// <exception cref="PayloadException">Another codec wrote the payload, or it does not fit the type.</exception>
    public T Read<T>(IMessageCodec codec, JsonTypeInfo<T>? contract = null)
    {
        ArgumentNullException.ThrowIfNull(codec);
        Expect(codec.Kind);
        return codec.Decode(Encoded, contract);
    }

    /// <summary>The same payload, compressed.</summary>
    internal MessagePayload Compressed(int compression, ReadOnlyMemory<byte> bytes) => new(Kind, bytes, compression);

    /// <summary>True for the types that travel as they are, so that no registration tells how to read them.</summary>
    internal static bool IsNative<T>() =>
        typeof(T) == typeof(byte[]) || typeof(T) == typeof(ReadOnlyMemory<byte>) || typeof(T) == typeof(string) || typeof(T) == typeof(JsonElement);

    internal static bool TryFromNative<T>(T value, out MessagePayload payload)
    {
        payload = value switch
        {
            byte[] bytes => FromBytes(bytes),
            ReadOnlyMemory<byte> bytes => FromBytes(bytes),
            string text => FromText(text),
            JsonElement element => FromJson(element),
            null => throw new ArgumentNullException(nameof(value)),
            _ => default,
        };
        return IsNative<T>();
    }

    internal bool TryReadNative<T>([MaybeNullWhen(false)] out T value)
    {
        object? native = typeof(T) == typeof(byte[]) ? ReadBytes().ToArray()
            : typeof(T) == typeof(ReadOnlyMemory<byte>) ? ReadBytes()
            : typeof(T) == typeof(string) ? ReadText()
            : typeof(T) == typeof(JsonElement) ? ReadJson()
            : null;
        value = native is T found ? found : default;
        return native is not null;
    }

    private void Expect(PayloadKind kind)
    {
        if (Kind != kind)
        {
            throw new PayloadException($"The payload is {Kind} and cannot be read as {kind}.");
        }
    }
}
