namespace Gossip;

/// <summary>How a message is sent.</summary>
public sealed record SendOptions
{
    internal static SendOptions Default { get; } = new();

    /// <summary>How the message is delivered. Default: <see cref="Delivery.Reliable"/>.</summary>
    public Delivery Delivery { get; init; } = Delivery.Reliable;

    /// <summary>Headers for the handler: at most 32, of at most 4096 bytes of UTF-8 together. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>How long a target may take until it counts as <see cref="SendOutcome.TimedOut"/>: more than zero, at most one hour. Default: 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = Messaging.MessageLimits.DefaultTimeout;

    /// <summary>What happens when there is no room for the message. Default: <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode WhenFull { get; init; } = QueueFullMode.Wait;

    /// <summary>Whether the payload is compressed where that pays, see <see cref="MessagingOptions.Compressors"/>: false for content that is compressed already, or whose size must not tell of it. Default: true.</summary>
    public bool MayCompress { get; init; } = true;

    /// <summary>Whether a reliable message to a target that cannot be reached ends after some attempts, before its time is over: for senders that have another target.</summary>
    internal bool EndsEarly { get; init; }
}
