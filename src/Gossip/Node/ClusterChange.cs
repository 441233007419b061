namespace Gossip;

/// <summary>What kind of change a member went through.</summary>
public enum ClusterChangeKind
{
    /// <summary>The member was not known before.</summary>
    Added,

    /// <summary>The member's state changed.</summary>
    StateChanged,

    /// <summary>A new process took the place of the member's last one.</summary>
    Restarted,

    /// <summary>The member's tags or metadata changed.</summary>
    Updated,

    /// <summary>The member was forgotten.</summary>
    Removed,
}

/// <summary>A change of one member between two views. A reader that is slow sees the sum of several changes as one.</summary>
/// <param name="Kind">The weightiest part of the change.</param>
/// <param name="Previous">The member before; null when it was not known.</param>
/// <param name="Current">The member after; null when it was forgotten.</param>
/// <param name="View">The view after the change.</param>
public sealed record ClusterChange(ClusterChangeKind Kind, ClusterMember? Previous, ClusterMember? Current, ClusterView View)
{
    /// <summary>The member that changed.</summary>
    public ClusterMember Member => Current ?? Previous!;
}

/// <summary>A change of one metadata key of one member.</summary>
/// <param name="Member">The member after the change.</param>
/// <param name="Key">The key.</param>
/// <param name="Previous">The value before; null when there was none.</param>
/// <param name="Current">The value after; null when it was deleted.</param>
public sealed record MetadataChange(ClusterMember Member, string Key, MetadataValue? Previous, MetadataValue? Current);
