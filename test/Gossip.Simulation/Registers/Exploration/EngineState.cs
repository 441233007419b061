using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Gossip.Agreement;
using Gossip.Node;

namespace Gossip.Simulation.Registers;

/// <summary>Copies engines, and tells whether two are in the same state, by their fields: so what is explored is the code that runs, not a model of it.</summary>
internal static class EngineState
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();
    private static readonly MethodInfo ShallowCopy = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!;

    public static T Copy<T>(T item)
        where T : class => (T)Copy(item, new Dictionary<object, object>(ReferenceEqualityComparer.Instance));

    public static ulong Hash(object item)
    {
        var hash = new TraceHash();
        Add(hash, item);
        return hash.Value;
    }

    private static bool IsMutable(Type type) =>
        type.IsArray
        || (type.Namespace == "System.Collections.Generic" && type is { IsGenericType: true, IsClass: true } && typeof(ICollection).IsAssignableFrom(type))
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(HashSet<>))
        || type == typeof(Acceptor) || type == typeof(Proposer) || type == typeof(History) || type == typeof(Votes) || type == typeof(SessionWatch)
        || type == typeof(ProposerOutbox) || type == typeof(SeededRandom) || type == typeof(Submission)
        || typeof(AcceptorPort).IsAssignableFrom(type) || typeof(ExploredPart).IsAssignableFrom(type);

    private static FieldInfo[] FieldsOf(Type type) => Fields.GetOrAdd(type, static of =>
    {
        var fields = new List<FieldInfo>();
        for (var level = of; level is not null && level != typeof(object); level = level.BaseType)
        {
            // Who leaves a proposer without an answer decides about seats, and about no vote.
            fields.AddRange(level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Where(field => field.FieldType != typeof(Attendance)));
        }

        return [.. fields];
    });

    private static object Copy(object item, Dictionary<object, object> copies)
    {
        if (copies.TryGetValue(item, out var known))
        {
            return known;
        }

        var copy = ShallowCopy.Invoke(item, null)!;
        copies[item] = copy;
        if (item is Array)
        {
            if (!item.GetType().GetElementType()!.IsValueType && IsMutable(item.GetType().GetElementType()!))
            {
                var array = (object?[])copy;
                for (var i = 0; i < array.Length; i++)
                {
                    array[i] = array[i] is { } element ? Copy(element, copies) : null;
                }
            }

            return copy;
        }

        foreach (var field in FieldsOf(item.GetType()))
        {
            if (!field.FieldType.IsValueType && field.GetValue(item) is { } held && IsMutable(held.GetType()))
            {
                field.SetValue(copy, Copy(held, copies));
            }
        }

        return copy;
    }

    private static void Add(TraceHash hash, object? item)
    {
        switch (item)
        {
            case null:
                hash.Add(0);
                return;
            case string text:
                hash.Add(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
                return;
            case SeededRandom or ProposerTiming or Type or Delegate or Plant:
                return; // the same everywhere
            case RegisterValue value:
                Add(hash, value.Position);
                Add(hash, value.Configuration.Epoch);
                return;
            case Batch batch:
                hash.Add(batch.Encoded.Span);
                return;
            case ReadOnlyMemory<byte> bytes:
                hash.Add(bytes.Span);
                return;
            case UInt128 wide:
                hash.Add((ulong)(wide >> 64));
                hash.Add((ulong)wide);
                return;
            case Guid guid:
                hash.Add(guid.ToByteArray());
                return;
            case IEnumerable items:
                AddAll(hash, items, isOrdered: item is not IDictionary && !(item.GetType().IsGenericType && item.GetType().GetGenericTypeDefinition() == typeof(HashSet<>)));
                return;
        }

        var type = item.GetType();
        if (type.IsPrimitive || type.IsEnum)
        {
            hash.Add(item is ulong number ? number : unchecked((ulong)Convert.ToInt64(item, System.Globalization.CultureInfo.InvariantCulture)));
            return;
        }

        foreach (var field in FieldsOf(type))
        {
            Add(hash, field.GetValue(item));
        }
    }

    private static void AddAll(TraceHash hash, IEnumerable items, bool isOrdered)
    {
        ulong sum = 0, count = 0;
        foreach (var element in items)
        {
            count++;
            if (isOrdered)
            {
                Add(hash, element);
            }
            else
            {
                sum += Hash(element!);
            }
        }

        hash.Add(count);
        hash.Add(sum);
    }
}
