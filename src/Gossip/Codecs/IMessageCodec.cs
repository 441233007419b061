using System.Buffers;
using System.Text.Json.Serialization.Metadata;

namespace Gossip;

/// <summary>
/// A way to write objects as bytes, with a number that says on the wire which it is. Give it to every node that may get what it wrote: <see cref="MessageTypeRegistry.AddCodec"/>. All members are called from any thread.
/// </summary>
public interface IMessageCodec
{
    /// <summary>The number on the wire, equal on all nodes: for codecs of your own from <see cref="MessageTypeRegistry.FirstUserCodec"/> to <see cref="MessageTypeRegistry.MaxCodec"/>.</summary>
    PayloadKind Kind { get; }

    /// <summary>The name, for errors and logs.</summary>
    string Name { get; }

    /// <summary>Writes an object.</summary>
    /// <typeparam name="T">The type under which it is registered.</typeparam>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="value">The object.</param>
    /// <param name="contract">What the type was registered with; null when it was without. Codecs need not look at it.</param>
    /// <exception cref="PayloadException">The object cannot be written so.</exception>
    void Encode<T>(IBufferWriter<byte> output, T value, JsonTypeInfo<T>? contract);

    /// <summary>Reads an object out of bytes that anybody may have written.</summary>
    /// <typeparam name="T">The type under which it is registered.</typeparam>
    /// <param name="encoded">The bytes, which stay as they are.</param>
    /// <param name="contract">What the type was registered with; null when it was without.</param>
    /// <returns>The object, never null.</returns>
    /// <exception cref="PayloadException">The bytes are no such object.</exception>
    T Decode<T>(ReadOnlyMemory<byte> encoded, JsonTypeInfo<T>? contract);
}
