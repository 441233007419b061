using System.Collections.Immutable;

namespace Gossip;

/// <summary>A stand-in until the real map lands.</summary>
public sealed class MetadataMap
{
    private readonly ImmutableDictionary<string, MetadataValue> _values = ImmutableDictionary<string, MetadataValue>.Empty;

    /// <summary>No metadata.</summary>
    public static MetadataMap Empty { get; } = new();

    /// <summary>Whether there is a value.</summary>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <summary>Finds a value.</summary>
    public bool TryGetValue(string key, out MetadataValue value) => _values.TryGetValue(key, out value);
}

/// <summary>A stand-in until the real value lands.</summary>
public readonly record struct MetadataValue;
