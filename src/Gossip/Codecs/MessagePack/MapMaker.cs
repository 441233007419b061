using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Gossip.Codecs;

/// <summary>Makes the converters of dictionaries of one type of keys and values.</summary>
internal abstract class MapMaker
{
    /// <summary>The types that have code also where none can be made at run time, see <see cref="SequenceMaker"/>.</summary>
    private static readonly FrozenSet<(Type, Type)> Made =
    [
        Root<string, string>(), Root<string, bool>(), Root<string, int>(), Root<string, long>(), Root<string, double>(), Root<string, decimal>(), Root<string, Guid>(), Root<string, DateTime>(),
        Root<string, DateTimeOffset>(), Root<int, string>(), Root<int, int>(), Root<long, string>(), Root<long, long>(), Root<Guid, string>(),
    ];

    public static MapMaker For(Type key, Type value) =>
        RuntimeFeature.IsDynamicCodeSupported || Made.Contains((SequenceMaker.Shared(key), SequenceMaker.Shared(value))) ? MakeFor(key, value) : new BoxedMapMaker();

    public abstract MessagePackConverter Make(JsonTypeInfo info, MessagePackSlot key, MessagePackSlot value);

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only called where code can be made, or is there.")]
    private static MapMaker MakeFor(Type key, Type value) => (MapMaker)Activator.CreateInstance(typeof(MapMaker<,>).MakeGenericType(key, value))!;

    private static (Type Key, Type Value) Root<TKey, TValue>()
        where TKey : notnull
    {
        _ = new MapMaker<TKey, TValue>();
        return (typeof(TKey), typeof(TValue));
    }
}

/// <summary>Needs no code for the types of keys and values.</summary>
internal sealed class BoxedMapMaker : MapMaker
{
    public override MessagePackConverter Make(JsonTypeInfo info, MessagePackSlot key, MessagePackSlot value) => new BoxedMapConverter(info.Type, key, value, info.CreateObject);
}

/// <summary>Knows the dictionaries that can be made of a dictionary.</summary>
internal sealed class MapMaker<TKey, TValue> : MapMaker
    where TKey : notnull
{
    public override MessagePackConverter Make(JsonTypeInfo info, MessagePackSlot key, MessagePackSlot value) => new MapConverter<TKey, TValue>(info.Type, key, value, Builder(info));

    private static Func<Dictionary<TKey, TValue>, object> Builder(JsonTypeInfo info)
    {
        var type = info.Type;
        return type.IsAssignableFrom(typeof(Dictionary<TKey, TValue>)) ? static pairs => pairs
            : type.IsAssignableFrom(typeof(ImmutableDictionary<TKey, TValue>)) ? static pairs => pairs.ToImmutableDictionary()
            : type == typeof(FrozenDictionary<TKey, TValue>) ? static pairs => pairs.ToFrozenDictionary()
            : info.CreateObject is { } create ? pairs => Fill(type, create(), pairs)
            : _ => throw MessagePackContracts.Unsupported(type, "nothing is known that makes such a dictionary");
    }

    private static IDictionary<TKey, TValue> Fill(Type type, object made, Dictionary<TKey, TValue> pairs)
    {
        if (made is not IDictionary<TKey, TValue> dictionary)
        {
            throw MessagePackContracts.Unsupported(type, "such a dictionary cannot be filled");
        }

        foreach (var (key, value) in pairs)
        {
            dictionary[key] = value;
        }

        return dictionary;
    }
}
