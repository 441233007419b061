using System.Collections.Immutable;

namespace Gossip;

/// <summary>What became of a publication at one subscriber: at a node that subscribes for itself, or at the node that took it for a queue group.</summary>
/// <param name="Target">The node.</param>
/// <param name="QueueGroup">The queue group; null for a node that subscribes for itself.</param>
/// <param name="Outcome">What became of it. With several subscriptions on one node it is a success only when all handled it.</param>
/// <param name="Error">Why, for people; null when it succeeded.</param>
public readonly record struct PublishedTarget(NodeInstance Target, string? QueueGroup, SendOutcome Outcome, string? Error)
{
    /// <summary>True for <see cref="SendOutcome.Sent"/> and <see cref="SendOutcome.Handled"/>.</summary>
    public bool Succeeded => Outcome is SendOutcome.Sent or SendOutcome.Handled;
}

/// <summary>What became of a publication at each of its subscribers.</summary>
public sealed class PublishResult
{
    internal PublishResult(ImmutableArray<PublishedTarget> targets) => Targets = targets;

    /// <summary>One result for each node that subscribes for itself, in order of identity, and then one for each queue group.</summary>
    public ImmutableArray<PublishedTarget> Targets { get; }

    /// <summary>True when nobody subscribes to the topic.</summary>
    public bool IsEmpty => Targets.IsEmpty;

    /// <summary>True when it succeeded at every subscriber, also when there was none.</summary>
    public bool Succeeded => Targets.All(static target => target.Succeeded);

    internal static PublishResult Empty { get; } = new([]);
}
