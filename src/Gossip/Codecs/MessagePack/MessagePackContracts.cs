using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gossip.Codecs;

/// <summary>
/// How each type is written, built once. What an object consists of and how it is made is asked of the JSON contracts: those of a source-generated context hold all that, and need no reflection that trimming would break.
/// </summary>
internal sealed class MessagePackContracts(JsonSerializerOptions options, IReadOnlyDictionary<Type, MessagePackConverter> own)
{
    private readonly ConcurrentDictionary<Type, MessagePackConverter> _converters = new();
    private readonly ConcurrentDictionary<Type, MessagePackSlot> _roots = new();

    public MessagePackSlot Root(Type type) => _roots.GetOrAdd(type, static (type, contracts) => new MessagePackSlot(contracts, type), this);

    /// <summary>The converter of a type that is no nullable value type.</summary>
    public MessagePackConverter Find(Type type) => _converters.GetOrAdd(type, static (type, contracts) => contracts.Build(type), this);

    private MessagePackConverter Build(Type type)
    {
        if (own.TryGetValue(type, out var converter) || (converter = Scalars.Find(type)) is not null)
        {
            return converter;
        }

        if (type.IsEnum)
        {
            return new EnumConverter(type);
        }

        if (type == typeof(JsonElement))
        {
            return new JsonElementConverter();
        }

        if (type == typeof(object))
        {
            return new DynamicConverter(this);
        }

        try
        {
            return Build(options.GetTypeInfo(type));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            throw Unsupported(type, $"its contract cannot be read: {e.Message}", e);
        }
    }

    private MessagePackConverter Build(JsonTypeInfo info)
    {
        if (info.PolymorphismOptions is not null)
        {
            throw Unsupported(info.Type, "it stands for several types, which the format cannot tell");
        }

        return info.Kind switch
        {
            JsonTypeInfoKind.Object => new ObjectConverter(info, this),
            JsonTypeInfoKind.Enumerable => SequenceMaker.For(info.ElementType!).Make(info, new MessagePackSlot(this, info.ElementType!)),
            JsonTypeInfoKind.Dictionary => MapMaker.For(info.KeyType!, info.ElementType!).Make(info, new MessagePackSlot(this, info.KeyType!), new MessagePackSlot(this, info.ElementType!)),
            _ => throw Unsupported(info.Type, "only a JSON converter knows it"),
        };
    }

    public static PayloadException Unsupported(Type type, string why, Exception? inner = null) => new(
        $"{type} cannot be written as MessagePack: {why}. Give MessagePackCodec a MessagePackConverter for it, or register the message with JsonCodec.Default.", inner);
}
