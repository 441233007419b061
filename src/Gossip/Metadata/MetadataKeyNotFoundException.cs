namespace Gossip;

/// <summary>A node has no metadata under a key.</summary>
public sealed class MetadataKeyNotFoundException : GossipException
{
    internal MetadataKeyNotFoundException(string key)
        : base($"There is no metadata under the key '{key}'. Keys are case-sensitive; TryGet and ConvertOr do without the key.") =>
        Key = key;

    /// <summary>The key that was looked for.</summary>
    public string Key { get; }
}
