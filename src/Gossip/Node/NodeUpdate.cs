using Gossip.Metadata;

namespace Gossip;

/// <summary>A set of changes of a node's own tags and metadata that others see together.</summary>
public sealed class NodeUpdate
{
    private readonly List<FactChange> _changes = [];

    internal NodeUpdate()
    {
    }

    internal IReadOnlyList<FactChange> Changes => _changes;

    /// <summary>Adds a tag; a tag that is there already stays.</summary>
    /// <param name="tag">The tag: 1 to 256 bytes, case-sensitive.</param>
    /// <returns>This set of changes.</returns>
    public NodeUpdate AddTag(string tag) => Add(FactKind.Tag, tag, true);

    /// <summary>Removes a tag; one that is not there is no error.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>This set of changes.</returns>
    public NodeUpdate RemoveTag(string tag) => Add(FactKind.Tag, tag, null);

    /// <summary>Sets a metadata value. An equal one changes nothing, and nothing is sent.</summary>
    /// <param name="key">The key: 1 to 256 bytes, case-sensitive.</param>
    /// <param name="value">The value.</param>
    /// <returns>This set of changes.</returns>
    public NodeUpdate Set(string key, MetadataValue value) => Add(FactKind.Metadata, key, value);

    /// <summary>Deletes a metadata value; one that is not there is no error.</summary>
    /// <param name="key">The key.</param>
    /// <returns>This set of changes.</returns>
    public NodeUpdate Delete(string key) => Add(FactKind.Metadata, key, null);

    private NodeUpdate Add(FactKind kind, string key, MetadataValue? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        _changes.Add(new FactChange(kind, key, value));
        return this;
    }
}
