namespace Gossip;

/// <summary>How a request is sent.</summary>
public sealed record RequestOptions
{
    internal static RequestOptions Default { get; } = new();

    /// <summary>Headers for the handler: at most 32, of at most 4096 bytes of UTF-8 together. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>How long the reply may take; the remote handler's token fires then too. More than zero, at most one hour. Default: 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = Messaging.MessageLimits.DefaultTimeout;

    /// <summary>Whether the request is compressed where that pays, see <see cref="MessagingOptions.Compressors"/>: false for content that is compressed already, or whose size must not tell of it. Default: true.</summary>
    public bool MayCompress { get; init; } = true;

    /// <summary>
    /// Whether it does no harm when the request is handled more than once. Then, until <see cref="Timeout"/>, it is asked again when the member refused it, restarted, left, died, or could not be reached, also of the member's next life. An error of the
    /// handler is final. Default: false, at most once.
    /// </summary>
    public bool IsIdempotent { get; init; }
}
