using System.Text.Json;

namespace Gossip;

/// <summary>
/// A received message or request, as its handler sees it. It stays valid after the handler has ended: it and
/// its content are the handler's to keep, and nothing uses their memory again.
/// </summary>
public sealed class MessageContext
{
    private readonly MessageTypeRegistry _types;

    internal MessageContext(MessageTypeRegistry types) => _types = types;

    /// <summary>The life of the node that sent the message.</summary>
    public required NodeInstance Sender { get; init; }

    /// <summary>The message type number, from 0 to <see cref="MessageTypeNumber.Max"/>.</summary>
    public required int Type { get; init; }

    /// <summary>Whether the sender waits for a reply.</summary>
    public required MessageVerb Verb { get; init; }

    /// <summary>The sequence number that the sender gave this message on its way to this node. It rises, with gaps, for one sender and one way of delivery.</summary>
    public required ulong Id { get; init; }

    /// <summary>When the sender made the message, by the sender's clock, in UTC.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The topic to which the message was published, see <see cref="GossipTopics"/>; null for what was sent to a <see cref="Target"/>.</summary>
    public string? Topic { get; init; }

    /// <summary>How the message travelled; requests are always <see cref="Gossip.Delivery.Reliable"/>.</summary>
    public required Delivery Delivery { get; init; }

    /// <summary>The headers that the sender added; keys are case-sensitive.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The content.</summary>
    public required MessagePayload Payload { get; init; }

    /// <summary>The size of the encoded content in bytes.</summary>
    public int Size => Payload.Size;

    /// <inheritdoc cref="MessagePayload.ReadBytes"/>
    public ReadOnlyMemory<byte> ReadBytes() => Payload.ReadBytes();

    /// <inheritdoc cref="MessagePayload.ReadText"/>
    public string ReadText() => Payload.ReadText();

    /// <inheritdoc cref="MessagePayload.ReadJson()"/>
    public JsonElement ReadJson() => Payload.ReadJson();

    /// <summary>The content as a registered type, or as <see cref="string"/>, a byte array, <see cref="ReadOnlyMemory{T}"/> of bytes or <see cref="JsonElement"/>.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The value, never null.</returns>
    /// <exception cref="PayloadException">The content is of another kind or does not fit the type.</exception>
    /// <exception cref="MessageTypeException">The type is not registered.</exception>
    public T Read<T>() => _types.Decode<T>(Payload);
}
