using System.Text;
using Gossip.Messaging;

namespace Gossip;

/// <summary>How a subscription is made.</summary>
public sealed record SubscribeOptions
{
    private static SubscribeOptions Default { get; } = new();

    /// <summary>The queue group: of all subscriptions of the cluster that have the same one and match a topic, one gets each publication. 1 to 64 bytes of UTF-8. Default: null, and the subscription gets all.</summary>
    public string? QueueGroup { get; init; }

    /// <summary>How long members may take to say that they know of the subscription, or of its end: more than zero, at most one hour. Default: 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = MessageLimits.DefaultTimeout;

    /// <summary>How many publications a <see cref="TopicInbox"/> holds: 1 to 65 536. Their payloads have <see cref="MessagingOptions.HandlerBytes"/> at most, too. Default: 256.</summary>
    public int InboxCapacity { get; init; } = TopicLimits.DefaultInboxCapacity;

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal static SubscribeOptions Checked(SubscribeOptions? options)
    {
        options ??= Default;
        if (options.Timeout <= TimeSpan.Zero || options.Timeout > MessageLimits.MaxTimeout)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Timeout, $"{nameof(Timeout)} is more than zero and at most {MessageLimits.MaxTimeout}.");
        }

        if (options.InboxCapacity is < 1 or > TopicLimits.MaxInboxCapacity)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.InboxCapacity, $"{nameof(InboxCapacity)} is at least 1 and at most {TopicLimits.MaxInboxCapacity}.");
        }

        if (options.QueueGroup is { } group && !IsName(group))
        {
            throw new ArgumentException($"A queue group has 1 to {TopicLimits.MaxGroupBytes} bytes of valid UTF-8: choose another name than '{MessageLimits.Cut(group, TopicLimits.MaxGroupBytes)}', or null for none.", nameof(options));
        }

        return options;
    }

    /// <summary>What is no Unicode would be another name at other nodes.</summary>
    private static bool IsName(string group) =>
        Encoding.UTF8.GetBytes(group) is { Length: >= 1 and <= TopicLimits.MaxGroupBytes } bytes && Encoding.UTF8.GetString(bytes) == group;
}
