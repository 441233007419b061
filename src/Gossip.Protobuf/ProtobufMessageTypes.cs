using Google.Protobuf;

namespace Gossip;

/// <summary>Registers types of Protocol Buffers.</summary>
public static class ProtobufMessageTypes
{
    /// <summary>Registers a type that <c>protoc</c> generated. Safe for trimming and native AOT.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="types">Where.</param>
    /// <param name="number">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>; applications start at <see cref="MessageTypeNumber.FirstUser"/>.</param>
    /// <exception cref="MessageTypeException">The number is out of range, or the number or the type is registered already.</exception>
    public static void RegisterProtobuf<T>(this MessageTypeRegistry types, int number)
        where T : class, IMessage<T>, new()
    {
        ArgumentNullException.ThrowIfNull(types);
        ProtobufCodec.Default.Add<T>();
        types.Register<T>(number, ProtobufCodec.Default);
    }
}
