namespace Gossip.Messaging;

/// <summary>The bounds of topics and of what one node subscribes to: every member keeps the subscriptions of all, so the bounds protect the cluster.</summary>
internal static class TopicLimits
{
    /// <summary>The longest topic or pattern, in bytes of UTF-8.</summary>
    public const int MaxTopicBytes = 256;

    /// <summary>The most levels of a topic or pattern.</summary>
    public const int MaxLevels = 32;

    /// <summary>The longest name of a queue group, in bytes of UTF-8.</summary>
    public const int MaxGroupBytes = 64;

    /// <summary>The most different subscriptions of one node.</summary>
    public const int MaxSubscriptions = 1024;

    /// <summary>The most bytes that the subscriptions of one node take on the wire.</summary>
    public const int MaxSetBytes = 64 << 10;

    /// <summary>How many messages an inbox holds by default, and at most.</summary>
    public const int DefaultInboxCapacity = 256;

    /// <inheritdoc cref="DefaultInboxCapacity"/>
    public const int MaxInboxCapacity = 64 << 10;
}
