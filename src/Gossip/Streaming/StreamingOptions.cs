namespace Gossip;

/// <summary>How many streams a node takes part in, and how much it keeps for each: no more memory than <see cref="MaxStreams"/> times <see cref="Window"/> and <see cref="SendBuffer"/> together.</summary>
public sealed class StreamingOptions
{
    internal const int MinWindow = 1024;
    internal const int MaxWindow = 64 << 20;

    private const int DefaultMaxStreams = 1024;
    private const int DefaultMaxStreamsPerPeer = 256;
    private const int DefaultWindow = 256 << 10;
    private const int DefaultSendBuffer = 64 << 10;

    /// <summary>How many streams may be open at once, those opened by others included: at least 1. What comes beyond is refused, and its opener told. Default: 1024.</summary>
    public int MaxStreams { get; set; } = DefaultMaxStreams;

    /// <summary>The same with one node: at least 1. Default: 256.</summary>
    public int MaxStreamsPerPeer { get; set; } = DefaultMaxStreamsPerPeer;

    /// <summary>
    /// How many bytes of a stream this node takes beyond what was read of it: 1024 bytes to 64 MiB. A stream carries no more than this in each
    /// round trip. Default: 256 KiB, which is some 500 MB/s where a round trip takes half a millisecond.
    /// </summary>
    public int Window { get; set; } = DefaultWindow;

    /// <summary>How many bytes of a stream may be written here before they are sent; then its writer waits: 1024 bytes to 64 MiB. Default: 64 KiB.</summary>
    public int SendBuffer { get; set; } = DefaultSendBuffer;

    internal StreamingOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStreams, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStreamsPerPeer, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Window, MinWindow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Window, MaxWindow);
        ArgumentOutOfRangeException.ThrowIfLessThan(SendBuffer, MinWindow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SendBuffer, MaxWindow);
        return this;
    }
}
