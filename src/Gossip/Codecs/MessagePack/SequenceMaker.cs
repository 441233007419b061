using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;

namespace Gossip.Codecs;

/// <summary>Makes the converters of collections of one type of elements.</summary>
internal abstract class SequenceMaker
{
    /// <summary>The types that have code also where none can be made at run time, as with native AOT. All reference types share that of one.</summary>
    private static readonly FrozenSet<Type> Made =
    [
        Root<string>(), Root<bool>(), Root<byte>(), Root<short>(), Root<ushort>(), Root<int>(), Root<uint>(), Root<long>(), Root<ulong>(), Root<float>(), Root<double>(), Root<decimal>(),
        Root<Guid>(), Root<DateTime>(), Root<DateTimeOffset>(), Root<TimeSpan>(), Root<int?>(), Root<long?>(), Root<double?>(),
    ];

    public static SequenceMaker For(Type element) =>
        RuntimeFeature.IsDynamicCodeSupported || Made.Contains(Shared(element)) ? MakeFor(element) : new BoxedSequenceMaker();

    public abstract MessagePackConverter Make(JsonTypeInfo info, MessagePackSlot element);

    /// <summary>The type whose code a type uses.</summary>
    public static Type Shared(Type type) => type.IsValueType ? type : typeof(string);

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only called where code can be made, or is there.")]
    private static SequenceMaker MakeFor(Type element) => (SequenceMaker)Activator.CreateInstance(typeof(SequenceMaker<>).MakeGenericType(element))!;

    private static Type Root<T>()
    {
        _ = new SequenceMaker<T>();
        return typeof(T);
    }
}

/// <summary>Needs no code for the type of the elements.</summary>
internal sealed class BoxedSequenceMaker : SequenceMaker
{
    public override MessagePackConverter Make(JsonTypeInfo info, MessagePackSlot element) => new BoxedSequenceConverter(info.Type, element, info.CreateObject);
}

/// <summary>Knows the collections that can be made of a list.</summary>
internal sealed class SequenceMaker<T> : SequenceMaker
{
    public override MessagePackConverter Make(JsonTypeInfo info, MessagePackSlot element) => new SequenceConverter<T>(info.Type, element, Builder(info));

    private static Func<List<T>, object> Builder(JsonTypeInfo info)
    {
        var type = info.Type;
        return type == typeof(T[]) ? static values => values.ToArray()
            : type.IsAssignableFrom(typeof(List<T>)) ? static values => values
            : type.IsAssignableFrom(typeof(HashSet<T>)) ? static values => new HashSet<T>(values)
            : type == typeof(ImmutableArray<T>) ? static values => ImmutableArray.CreateRange(values)
            : type.IsAssignableFrom(typeof(ImmutableList<T>)) ? static values => ImmutableList.CreateRange(values)
            : type.IsAssignableFrom(typeof(ImmutableHashSet<T>)) ? static values => ImmutableHashSet.CreateRange(values)
            : type == typeof(Queue<T>) ? static values => new Queue<T>(values)
            : info.CreateObject is { } create ? values => Fill(type, create(), values)
            : _ => throw MessagePackContracts.Unsupported(type, "nothing is known that makes such a collection");
    }

    private static ICollection<T> Fill(Type type, object made, List<T> values)
    {
        if (made is not ICollection<T> collection)
        {
            throw MessagePackContracts.Unsupported(type, "such a collection cannot be filled");
        }

        foreach (var value in values)
        {
            collection.Add(value);
        }

        return collection;
    }
}
