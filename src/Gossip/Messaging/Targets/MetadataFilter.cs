namespace Gossip;

/// <summary>A condition on one key of a member's metadata. Values are compared as the text that <see cref="MetadataValue.ToString"/> gives, ordinally. Immutable.</summary>
public sealed class MetadataFilter
{
    private const string Anything = "*";
    private const char ContainsMark = '~';

    private readonly Func<string, bool>? _condition; // null when any value will do
    private readonly string _criterion;

    private MetadataFilter(string key, string criterion, Func<string, bool>? condition)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        (Key, _criterion, _condition) = (key, criterion, condition);
    }

    /// <summary>The key; case-sensitive.</summary>
    public string Key { get; }

    /// <summary>The key has exactly this value.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="value">The value as text. Here <c>*</c> and <c>~</c> mean nothing but themselves.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static MetadataFilter IsEqual(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new MetadataFilter(key, value, text => text == value);
    }

    /// <summary>The key has any value.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static MetadataFilter Exists(string key) => new(key, Anything, null);

    /// <summary>The value of the key contains a text.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="part">The text; case-sensitive.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static MetadataFilter Contains(string key, string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return new MetadataFilter(key, ContainsMark + part, text => text.Contains(part, StringComparison.Ordinal));
    }

    /// <summary>Reads a criterion: <c>*</c> for any value, <c>~text</c> for one that contains the text, anything else for one that is equal to it.</summary>
    /// <param name="key">The key; case-sensitive.</param>
    /// <param name="criterion">The criterion.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static MetadataFilter Parse(string key, string criterion)
    {
        ArgumentNullException.ThrowIfNull(criterion);
        return criterion switch
        {
            Anything => Exists(key),
            [ContainsMark, ..] => Contains(key, criterion[1..]),
            _ => IsEqual(key, criterion),
        };
    }

    /// <summary>Whether the metadata of a member fulfils the condition.</summary>
    /// <param name="member">The member.</param>
    /// <returns>Whether it does; false when it has no such key.</returns>
    public bool Matches(ClusterMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member.Metadata.TryGetValue(Key, out var value) && _condition?.Invoke(value.ToString()) != false;
    }

    /// <summary>The key and the criterion, for people.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Key}={_criterion}";
}
