using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;

namespace Gossip;

/// <summary>Writes the messages that <c>protoc</c> generates. Register their types with <see cref="ProtobufMessageTypes.RegisterProtobuf{T}"/>. All members may be called from any thread.</summary>
public sealed class ProtobufCodec : IMessageCodec
{
    private readonly ConcurrentDictionary<Type, Func<IMessage>> _makers = new();

    private ProtobufCodec()
    {
    }

    /// <summary>The codec.</summary>
    public static ProtobufCodec Default { get; } = new();

    /// <inheritdoc/>
    public PayloadKind Kind => PayloadKind.Protobuf;

    /// <inheritdoc/>
    public string Name => "protobuf";

    /// <summary>Makes a type known, so that it can be read. Types that are registered by <see cref="ProtobufMessageTypes.RegisterProtobuf{T}"/> are known.</summary>
    /// <typeparam name="T">The type.</typeparam>
    public void Add<T>()
        where T : class, IMessage<T>, new() => _makers[typeof(T)] = static () => new T();

    /// <inheritdoc/>
    public void Encode<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T>? contract)
    {
        if (value is not IMessage message)
        {
            throw new PayloadException($"{typeof(T)} is no message of Protocol Buffers: register it with another codec.");
        }

        message.WriteTo(output);
    }

    /// <inheritdoc/>
    public T Decode<T>(ReadOnlyMemory<byte> encoded, JsonTypeInfo<T>? contract)
    {
        if (!_makers.TryGetValue(typeof(T), out var make))
        {
            throw new PayloadException($"{typeof(T)} is not known to ProtobufCodec: register it with RegisterProtobuf.");
        }

        var message = make();
        try
        {
            message.MergeFrom(new ReadOnlySequence<byte>(encoded));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new PayloadException($"The payload does not fit {typeof(T)}: {e.Message}", e);
        }

        return (T)message;
    }
}
