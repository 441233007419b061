using Microsoft.Extensions.Logging;

namespace Gossip.Messaging;

internal static partial class TopicLog
{
    [LoggerMessage(450, LogLevel.Warning, "A subscription to '{Pattern}' failed on a publication to '{Topic}' from {Sender}.")]
    public static partial void SubscriptionFailed(this ILogger logger, string pattern, string topic, NodeInstance sender, Exception exception);

    [LoggerMessage(451, LogLevel.Warning, "The subscription to '{Pattern}' was withdrawn: {Count} members did not answer within {Timeout}, among them {Member}.")]
    public static partial void SubscriptionWithdrawn(this ILogger logger, string pattern, int count, TimeSpan timeout, NodeInstance member);

    [LoggerMessage(452, LogLevel.Debug, "The subscriptions of {Member} could not be fetched ({Outcome}: {Problem}). It is asked again.")]
    public static partial void FetchFailed(this ILogger logger, NodeInstance member, SendOutcome outcome, string? problem);

    [LoggerMessage(453, LogLevel.Debug, "Malformed subscriptions from {Sender} were refused.")]
    public static partial void MalformedInterests(this ILogger logger, NodeInstance sender);

    [LoggerMessage(455, LogLevel.Information, "Member {Member} does not subscribe for this client any more ({Outcome}: {Problem}). Another one is asked.")]
    public static partial void AttendantLost(this ILogger logger, NodeInstance member, SendOutcome outcome, string? problem);

    [LoggerMessage(454, LogLevel.Error, "Topics do not follow the members any more because of an internal error. Please report it.")]
    public static partial void FollowingFailed(this ILogger logger, Exception exception);
}
