using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Gossip.Metadata;

namespace Gossip;

/// <summary>
/// The metadata of a member at one moment: an immutable dictionary in ordinal order of its case-sensitive keys. The next
/// change makes a new map.
/// </summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "A map is what the field calls it.")]
public sealed class MetadataMap : IReadOnlyDictionary<string, MetadataValue>
{
    private readonly Fact[] _facts; // in ordinal order of their keys, without tombstones

    private MetadataMap(Fact[] facts) => _facts = facts;

    /// <summary>No metadata.</summary>
    public static MetadataMap Empty { get; } = new([]);

    /// <summary>The number of keys.</summary>
    public int Count => _facts.Length;

    /// <summary>The keys, in ordinal order.</summary>
    public IEnumerable<string> Keys => _facts.Select(fact => fact.Key);

    /// <summary>The values, in the order of their keys.</summary>
    public IEnumerable<MetadataValue> Values => _facts.Select(fact => fact.Value.GetValueOrDefault());

    /// <summary>The value of a key.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <exception cref="MetadataKeyNotFoundException">There is none.</exception>
    public MetadataValue this[string key] =>
        TryGetValue(key, out var value) ? value : throw new MetadataKeyNotFoundException(key);

    /// <summary>Whether there is a value.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <returns>Whether there is.</returns>
    public bool ContainsKey(string key) => Find(key) is not null;

    /// <summary>Finds a value.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="value">The value, or the default.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetValue(string key, out MetadataValue value)
    {
        var fact = Find(key);
        value = fact?.Value ?? default;
        return fact is not null;
    }

    /// <summary>Reads a value as what it is, as <see cref="MetadataValue.Get{T}"/> does.</summary>
    /// <typeparam name="T">As for <see cref="MetadataValue.TryGet{T}(out T)"/>.</typeparam>
    /// <param name="key">The key; case-sensitive.</param>
    /// <returns>The value.</returns>
    /// <exception cref="MetadataKeyNotFoundException">There is none.</exception>
    /// <exception cref="MetadataTypeException">It is something else, or <typeparamref name="T"/> cannot hold it exactly.</exception>
    public T Get<T>(string key) => this[key].Get<T>();

    /// <summary>Reads a value as what it is, as <see cref="MetadataValue.TryGet{T}(out T)"/> does.</summary>
    /// <typeparam name="T">As for <see cref="MetadataValue.TryGet{T}(out T)"/>.</typeparam>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="value">The value, or the default of <typeparamref name="T"/>.</param>
    /// <returns>Whether there is a value, and it is a <typeparamref name="T"/>.</returns>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return TryGetValue(key, out var found) && found.TryGet(out value);
    }

    /// <summary>Converts a value as <see cref="MetadataValue.TryConvert{T}(out T)"/> does.</summary>
    /// <typeparam name="T">As for <see cref="MetadataValue.TryGet{T}(out T)"/>.</typeparam>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="value">The converted value, or the default of <typeparamref name="T"/>.</param>
    /// <returns>Whether there is a value, and it converts.</returns>
    public bool TryConvert<T>(string key, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return TryGetValue(key, out var found) && found.TryConvert(out value);
    }

    /// <summary>Converts a value as <see cref="MetadataValue.TryConvert{T}(out T)"/> does.</summary>
    /// <typeparam name="T">As for <see cref="MetadataValue.TryGet{T}(out T)"/>.</typeparam>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="fallback">What to return when there is no value, or it does not convert.</param>
    /// <returns>The converted value, or <paramref name="fallback"/>.</returns>
    public T ConvertOr<T>(string key, T fallback) => TryConvert<T>(key, out var value) ? value : fallback;

    /// <summary>When a value was set, by the clock of the member that set it.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <returns>The timestamp, or null when there is no value.</returns>
    public HybridTimestamp? GetTimestamp(string key) => Find(key) is { } fact ? new HybridTimestamp(fact.Stamp) : null;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, MetadataValue>> GetEnumerator()
    {
        foreach (var fact in _facts)
        {
            yield return KeyValuePair.Create(fact.Key, fact.Value.GetValueOrDefault());
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The map of these facts: this one, when they are the same as its own.</summary>
    internal MetadataMap With(IEnumerable<Fact> facts)
    {
        Fact[] ordered = [.. facts.OrderBy(fact => fact.Key, StringComparer.Ordinal)];
        return ordered.Length == 0 ? Empty : ordered.AsSpan().SequenceEqual(_facts) ? this : new MetadataMap(ordered);
    }

    private Fact? Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        int low = 0, high = _facts.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (string.CompareOrdinal(_facts[middle].Key, key))
            {
                case 0:
                    return _facts[middle];
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return null;
    }
}
