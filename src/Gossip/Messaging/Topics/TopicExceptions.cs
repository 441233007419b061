using System.Collections.Immutable;

namespace Gossip;

/// <summary>A node has more subscriptions than others would keep for it. Nothing was changed.</summary>
public sealed class SubscriptionLimitException : GossipException
{
    internal SubscriptionLimitException(string message)
        : base(message)
    {
    }
}

/// <summary>Not every member came to know of a subscription in time. The subscription was withdrawn.</summary>
public sealed class SubscribeException : GossipException
{
    internal SubscribeException(string pattern, TimeSpan timeout, ImmutableArray<NodeInstance> unanswered)
        : base($"The subscription to '{pattern}' was withdrawn: {unanswered.Length} members did not answer within {timeout}: {string.Join(", ", unanswered)}. Subscribe again, with a longer SubscribeOptions.Timeout if they are slow.") =>
        Unanswered = unanswered;

    /// <summary>The members that are alive and did not say that they know of it. On a client it is the member that should have subscribed for it; its generation is 0 when there was none.</summary>
    public ImmutableArray<NodeInstance> Unanswered { get; }
}
