using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gossip;

/// <summary>
/// Says under which message type number a .NET type travels, and how it is written. All nodes of a cluster must agree on the numbers; each node reads what any codec that it knows wrote.
/// Registered types are written as MessagePack unless another codec is chosen; <see cref="string"/>, byte arrays, <see cref="ReadOnlyMemory{T}"/> of bytes and
/// <see cref="JsonElement"/> travel as they are. All members may be called from any thread.
/// </summary>
public sealed class MessageTypeRegistry
{
    /// <summary>The lowest number for codecs of the application; those below belong to the library.</summary>
    public const int FirstUserCodec = 64;

    /// <summary>The highest number of a codec.</summary>
    public const int MaxCodec = 255;

    private readonly Lock _gate = new();
    private readonly IMessageCodec?[] _codecs = new IMessageCodec?[MaxCodec + 1];
    private IMessageCodec _default = MessagePackCodec.Default;
    private readonly Dictionary<int, Type> _byNumber = [];
    private readonly Dictionary<Type, Registration> _byType = [];

    internal MessageTypeRegistry()
    {
        AddCodec(MessagePackCodec.Default);
        AddCodec(JsonCodec.Default);
    }

    /// <summary>Writes the objects of all types that were registered without a codec of their own. Setting it adds it, too. Default: <see cref="MessagePackCodec.Default"/>.</summary>
    /// <exception cref="MessageTypeException">The number of the codec is not one for it, when set.</exception>
    public IMessageCodec DefaultCodec
    {
        get => Volatile.Read(ref _default);
        set
        {
            AddCodec(value);
            Volatile.Write(ref _default, value);
        }
    }

    /// <summary>Lets the node read what a codec writes. MessagePack and JSON are there already; one with the same number is replaced.</summary>
    /// <param name="codec">The codec.</param>
    /// <exception cref="MessageTypeException">The number is none for a codec.</exception>
    public void AddCodec(IMessageCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        var number = (int)codec.Kind;
        if (number is not (>= (int)PayloadKind.Json and <= (int)PayloadKind.Protobuf or >= FirstUserCodec and <= MaxCodec))
        {
            throw new MessageTypeException($"{number} is not usable as the number of codec '{codec.Name}': choose one from {FirstUserCodec} to {MaxCodec}; lower numbers belong to the library.");
        }

        Volatile.Write(ref _codecs[number], codec);
    }

    /// <summary>Registers a type and finds its JSON contract by reflection (in JSON with camel-case names and case-insensitive reading).</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="number">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>; applications start at <see cref="MessageTypeNumber.FirstUser"/>.</param>
    /// <exception cref="MessageTypeException">The number is out of range, the number or the type is registered already, or the type has no JSON contract.</exception>
    [RequiresUnreferencedCode("Finds the JSON contract of T by reflection. Use the overload that takes JsonTypeInfo<T> when trimming.")]
    [RequiresDynamicCode("Finds the JSON contract of T by reflection. Use the overload that takes JsonTypeInfo<T> for native AOT.")]
    public void Register<T>(int number)
    {
        JsonTypeInfo<T>? contract = null;
        if (!MessagePayload.IsNative<T>())
        {
            try
            {
                contract = (JsonTypeInfo<T>)JsonSerializerOptions.Web.GetTypeInfo(typeof(T));
            }
            catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
            {
                throw new MessageTypeException($"{typeof(T)} has no JSON contract: change the type, or register it with a JsonTypeInfo. {e.Message}", e);
            }
        }

        Add(number, typeof(T), contract);
    }

    /// <summary>Registers a type with its JSON contract, for example one from a source-generated context. Safe for trimming and native AOT.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="number">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>; applications start at <see cref="MessageTypeNumber.FirstUser"/>.</param>
    /// <param name="contract">What the type consists of: MessagePack and JSON are written by it.</param>
    /// <param name="codec">What writes the type; it is added, too. Default: <see cref="DefaultCodec"/>.</param>
    /// <exception cref="MessageTypeException">The number is out of range, or the number or the type is registered already.</exception>
    public void Register<T>(int number, JsonTypeInfo<T> contract, IMessageCodec? codec = null)
    {
        ArgumentNullException.ThrowIfNull(contract);
        Add(number, typeof(T), contract, codec);
    }

    /// <summary>Registers a type with a codec that needs no contract, as that of Protocol Buffers. Safe for trimming and native AOT.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="number">The number, from <see cref="MessageTypeNumber.FirstLibrary"/> to <see cref="MessageTypeNumber.Max"/>; applications start at <see cref="MessageTypeNumber.FirstUser"/>.</param>
    /// <param name="codec">What writes the type; it is added, too.</param>
    /// <exception cref="MessageTypeException">The number is out of range, or the number or the type is registered already.</exception>
    public void Register<T>(int number, IMessageCodec codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        Add(number, typeof(T), contract: null, codec);
    }

    internal int NumberOf<T>() => Find<T>().Number;

    internal (int Number, MessagePayload Payload) Encode<T>(T value)
    {
        var (number, contract, codec) = Find<T>();
        return (number, MessagePayload.TryFromNative(value, out var payload)
            ? payload
            : MessagePayload.From(value, codec ?? DefaultCodec, (JsonTypeInfo<T>?)contract));
    }

    internal T Decode<T>(in MessagePayload payload)
    {
        if (payload.TryReadNative<T>(out var value))
        {
            return value;
        }

        var (_, contract, codec) = Find<T>();
        codec = codec?.Kind == payload.Kind ? codec : Codec((int)payload.Kind);
        return codec is null
            ? throw new PayloadException($"The payload is {payload.Kind} and cannot be read as {typeof(T)}.")
            : payload.Read(codec, (JsonTypeInfo<T>?)contract);
    }

    /// <summary>Whether a payload of this codec can be read here.</summary>
    internal bool IsKnown(int codec) => codec is (int)PayloadKind.Bytes or (int)PayloadKind.Text || Codec(codec) is not null;

    private Registration Find<T>()
    {
        lock (_gate)
        {
            return _byType.TryGetValue(typeof(T), out var found)
                ? found
                : throw new MessageTypeException($"{typeof(T)} is not registered: give it a number with Register<{typeof(T).Name}>(number) on every node.");
        }
    }

    private IMessageCodec? Codec(int number) => number is >= 0 and <= MaxCodec ? Volatile.Read(ref _codecs[number]) : null;

    private void Add(int number, Type type, JsonTypeInfo? contract, IMessageCodec? codec = null)
    {
        MessageTypeNumber.Checked(number);
        if (codec is not null)
        {
            AddCodec(codec);
        }

        lock (_gate)
        {
            if (_byNumber.TryGetValue(number, out var holder))
            {
                throw new MessageTypeException($"Number {number} is registered for {holder} already: choose another number for {type}.");
            }

            if (!_byType.TryAdd(type, new Registration(number, contract, codec)))
            {
                throw new MessageTypeException($"{type} is registered under number {_byType[type].Number} already: register a type once.");
            }

            _byNumber.Add(number, type);
        }
    }

    private readonly record struct Registration(int Number, JsonTypeInfo? Contract, IMessageCodec? Codec);
}
