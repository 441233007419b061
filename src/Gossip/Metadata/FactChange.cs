namespace Gossip.Metadata;

/// <summary>A change of one tag or metadata key; a null value removes it.</summary>
internal readonly record struct FactChange(FactKind Kind, string Key, MetadataValue? Value);
