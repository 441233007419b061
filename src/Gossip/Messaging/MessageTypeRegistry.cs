using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gossip;

/// <summary>
/// Says under which message type number a .NET type travels. All nodes of a cluster must agree on the numbers.
/// Registered types are written as JSON; <see cref="string"/>, byte arrays, <see cref="ReadOnlyMemory{T}"/> of bytes and
/// <see cref="JsonElement"/> travel as they are. All members may be called from any thread.
/// </summary>
public sealed class MessageTypeRegistry
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Type> _byNumber = [];
    private readonly Dictionary<Type, Registration> _byType = [];

    internal MessageTypeRegistry()
    {
    }

    /// <summary>Registers a type and finds its JSON contract by reflection (camel-case names, case-insensitive reading).</summary>
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
    /// <param name="contract">How the type is written as JSON.</param>
    /// <exception cref="MessageTypeException">The number is out of range, or the number or the type is registered already.</exception>
    public void Register<T>(int number, JsonTypeInfo<T> contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        Add(number, typeof(T), contract);
    }

    internal int NumberOf<T>() => Find<T>().Number;

    internal (int Number, MessagePayload Payload) Encode<T>(T value)
    {
        var (number, contract) = Find<T>();
        return (number, MessagePayload.TryFromNative(value, out var payload)
            ? payload
            : MessagePayload.FromJson(value, (JsonTypeInfo<T>)contract!));
    }

    internal T Decode<T>(in MessagePayload payload) =>
        payload.TryReadNative<T>(out var value) ? value : payload.ReadJson((JsonTypeInfo<T>)Find<T>().Contract!);

    private Registration Find<T>()
    {
        lock (_gate)
        {
            return _byType.TryGetValue(typeof(T), out var found)
                ? found
                : throw new MessageTypeException($"{typeof(T)} is not registered: give it a number with Register<{typeof(T).Name}>(number) on every node.");
        }
    }

    private void Add(int number, Type type, JsonTypeInfo? contract)
    {
        MessageTypeNumber.Checked(number);
        lock (_gate)
        {
            if (_byNumber.TryGetValue(number, out var holder))
            {
                throw new MessageTypeException($"Number {number} is registered for {holder} already: choose another number for {type}.");
            }

            if (!_byType.TryAdd(type, new Registration(number, contract)))
            {
                throw new MessageTypeException($"{type} is registered under number {_byType[type].Number} already: register a type once.");
            }

            _byNumber.Add(number, type);
        }
    }

    private readonly record struct Registration(int Number, JsonTypeInfo? Contract);
}
