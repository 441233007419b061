using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gossip.Codecs;

namespace Gossip;

/// <summary>
/// Writes objects as MessagePack: compact, and read by libraries of many languages. Objects are maps of the names of their properties, as MessagePack-CSharp writes them without contracts and Go's libraries write structs.
/// It takes what an object consists of from its JSON contract, so that one source-generated context serves both, also with trimming and native AOT; names are those of the properties (or of <c>JsonPropertyName</c>), whatever the naming policy.
/// All members may be called from any thread.
/// </summary>
public sealed class MessagePackCodec : IMessageCodec
{
    private readonly FrozenDictionary<Type, MessagePackConverter> _own;
    private readonly ConditionalWeakTable<JsonSerializerOptions, MessagePackContracts> _contracts = [];
    private readonly int _maxDepth;

    /// <summary>Makes a codec with converters for types that it does not know, or that are to be written in another way.</summary>
    /// <param name="converters">The converters, one for each type.</param>
    /// <param name="maxDepth">How deep objects may be inside each other, when written and when read: at least 1.</param>
    /// <exception cref="ArgumentException">There are two converters for one type.</exception>
    public MessagePackCodec(IEnumerable<MessagePackConverter> converters, int maxDepth = MessagePackWriter.DefaultMaxDepth)
    {
        ArgumentNullException.ThrowIfNull(converters);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDepth, 1);
        Dictionary<Type, MessagePackConverter> own = [];
        foreach (var converter in converters)
        {
            if (!own.TryAdd(converter.Type, converter))
            {
                throw new ArgumentException($"There are two converters for {converter.Type}: give one.", nameof(converters));
            }
        }

        _own = own.ToFrozenDictionary();
        _maxDepth = maxDepth;
    }

    /// <summary>The codec without converters of its own.</summary>
    public static MessagePackCodec Default { get; } = new([]);

    /// <inheritdoc/>
    public PayloadKind Kind => PayloadKind.MessagePack;

    /// <inheritdoc/>
    public string Name => "messagepack";

    /// <inheritdoc/>
    public void Encode<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T>? contract)
    {
        var root = Root(contract);
        var writer = new MessagePackWriter(output, _maxDepth);
        try
        {
            root.Write(ref writer, value);
        }
        catch (Exception e) when (e is not PayloadException)
        {
            throw new PayloadException($"{typeof(T)} could not be written as MessagePack: {e.Message}", e);
        }

        writer.Flush();
    }

    /// <inheritdoc/>
    public T Decode<T>(ReadOnlyMemory<byte> encoded, JsonTypeInfo<T>? contract)
    {
        var root = Root(contract);
        var reader = new MessagePackReader(encoded.Span, _maxDepth);
        T? value;
        try
        {
            value = root.Read<T>(ref reader);
        }
        catch (Exception e) when (e is not PayloadException)
        {
            throw new PayloadException($"The payload does not fit {typeof(T)}: {e.Message}", e); // thrown by its constructor, or what sets its properties
        }

        return !reader.End ? throw reader.Error("something follows the value")
            : value ?? throw new PayloadException($"The payload is nil and not {typeof(T)}.");
    }

    /// <summary>Writes an object whose contract is found by reflection.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="value">The object.</param>
    /// <returns>The MessagePack.</returns>
    /// <exception cref="PayloadException">The object cannot be written as MessagePack, for example because it contains itself.</exception>
    [RequiresUnreferencedCode("Finds the contract of T by reflection. Use Encode with a JsonTypeInfo<T> when trimming.")]
    [RequiresDynamicCode("Finds the contract of T by reflection. Use Encode with a JsonTypeInfo<T> for native AOT.")]
    public byte[] Serialize<T>(T value)
    {
        var output = new ArrayBufferWriter<byte>();
        Encode(output, value, (JsonTypeInfo<T>)JsonSerializerOptions.Default.GetTypeInfo(typeof(T)));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads an object whose contract is found by reflection.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="encoded">The MessagePack.</param>
    /// <returns>The object, never null.</returns>
    /// <exception cref="PayloadException">The bytes are not valid MessagePack, nil, or do not fit the type.</exception>
    [RequiresUnreferencedCode("Finds the contract of T by reflection. Use Decode with a JsonTypeInfo<T> when trimming.")]
    [RequiresDynamicCode("Finds the contract of T by reflection. Use Decode with a JsonTypeInfo<T> for native AOT.")]
    public T Deserialize<T>(ReadOnlyMemory<byte> encoded) => Decode(encoded, (JsonTypeInfo<T>)JsonSerializerOptions.Default.GetTypeInfo(typeof(T)));

    private MessagePackSlot Root<T>(JsonTypeInfo<T>? contract) => contract is not null
        ? _contracts.GetValue(contract.Options, options => new MessagePackContracts(options, _own)).Root(typeof(T))
        : throw new PayloadException($"{typeof(T)} has no contract: register it with a JsonTypeInfo<{typeof(T).Name}>.");
}
