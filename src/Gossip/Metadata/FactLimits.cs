namespace Gossip.Metadata;

/// <summary>How much one node may say about itself. Every member keeps the facts of all, so the bounds protect the cluster.</summary>
internal sealed record FactLimits
{
    /// <summary>
    /// A replica may hold this many times the limit: while parts of a change are on their way, it has some of the owner's old
    /// facts next to the new ones, and each of the two sets keeps the limit.
    /// </summary>
    public const int ReplicaHeadroom = 2;

    private const string RaiseBytes = "Store less, or raise GossipOptions.MaxMetadataBytes on every node.";
    private const string UseFewer = "Use fewer tags and keys; deleted ones count until their deletion has been forgotten.";
    private const string UseShorter = "Use a shorter tag or key.";

    public static FactLimits Default { get; } = new();

    /// <summary>The longest tag or key, in bytes of UTF-8.</summary>
    public int MaxKeyBytes { get; init; } = 256;

    /// <summary>The most facts: tags, keys, and those of them that were deleted and not yet forgotten.</summary>
    public int MaxFacts { get; init; } = 1024;

    /// <summary>The most bytes that all facts together take on the wire.</summary>
    public int MaxBytes { get; init; } = 64 * 1024;

    /// <summary>Whether a replica may look at a delta at all; checked before anything is allocated for it.</summary>
    public bool Admit(scoped in FactsDelta delta) =>
        delta.LongestKey <= MaxKeyBytes && AdmitReplica(delta.Count, delta.SizeInBytes);

    /// <summary>Whether a replica may grow to this size.</summary>
    public bool AdmitReplica(int count, int sizeInBytes) =>
        count <= (long)MaxFacts * ReplicaHeadroom && sizeInBytes <= (long)MaxBytes * ReplicaHeadroom;

    /// <exception cref="MetadataLimitException">The key is longer than allowed.</exception>
    public void DemandKey(string key, int keyBytes)
    {
        if (keyBytes > MaxKeyBytes)
        {
            throw new MetadataLimitException(
                $"The length in bytes of the tag or key '{key.AsSpan(0, Math.Min(key.Length, MaxKeyBytes))}'", keyBytes, MaxKeyBytes, UseShorter);
        }
    }

    /// <exception cref="MetadataLimitException">The owner would have more facts or bytes than allowed.</exception>
    public void Demand(int count, int sizeInBytes)
    {
        if (count > MaxFacts)
        {
            throw new MetadataLimitException("The number of tags and metadata keys", count, MaxFacts, UseFewer);
        }

        if (sizeInBytes > MaxBytes)
        {
            throw new MetadataLimitException("The size in bytes of all tags and metadata", sizeInBytes, MaxBytes, RaiseBytes);
        }
    }
}
