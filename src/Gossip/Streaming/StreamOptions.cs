namespace Gossip;

/// <summary>How a stream is opened.</summary>
public sealed record StreamOptions
{
    internal static StreamOptions Default { get; } = new();

    /// <summary>Headers for the handler: at most 32, of at most 4096 bytes of UTF-8 together. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>How the bytes of both directions are compressed. It costs processor time, and pays where the network is slower than that. Default: not at all.</summary>
    public StreamCompression Compression { get; init; }

    /// <summary>How long the other side may take to answer. The stream itself may last as long as it likes. More than zero, at most one hour. Default: 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = Messaging.MessageLimits.DefaultTimeout;
}
