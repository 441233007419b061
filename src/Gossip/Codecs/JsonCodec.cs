using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gossip;

/// <summary>Writes objects as JSON, by the contract with which their type was registered.</summary>
public sealed class JsonCodec : IMessageCodec
{
    private JsonCodec()
    {
    }

    /// <summary>The codec.</summary>
    public static JsonCodec Default { get; } = new();

    /// <inheritdoc/>
    public PayloadKind Kind => PayloadKind.Json;

    /// <inheritdoc/>
    public string Name => "json";

    /// <inheritdoc/>
    public void Encode<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T>? contract)
    {
        try
        {
            using var writer = new Utf8JsonWriter(output);
            JsonSerializer.Serialize(writer, value, Known(contract));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new PayloadException($"{typeof(T)} could not be written as JSON: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public T Decode<T>(ReadOnlyMemory<byte> encoded, JsonTypeInfo<T>? contract)
    {
        try
        {
            return JsonSerializer.Deserialize(encoded.Span, Known(contract)) ?? throw new PayloadException($"The payload is null and not {typeof(T)}.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new PayloadException($"The payload does not fit {typeof(T)}: {e.Message}", e);
        }
    }

    private static JsonTypeInfo<T> Known<T>(JsonTypeInfo<T>? contract) =>
        contract ?? throw new PayloadException($"{typeof(T)} has no contract: register it with a JsonTypeInfo<{typeof(T).Name}>.");
}
