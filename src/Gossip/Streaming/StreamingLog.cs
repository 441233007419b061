using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Streaming;

internal static partial class StreamingLog
{
    [LoggerMessage(420, LogLevel.Warning, "The handler of stream type {Type} failed on a stream from {Sender}.")]
    public static partial void StreamHandlerFailed(this ILogger logger, int type, NodeInstance sender, Exception exception);

    [LoggerMessage(421, LogLevel.Debug, "A malformed {Kind} from {Sender} was dropped.")]
    public static partial void MalformedStreamFrame(this ILogger logger, MessageKind kind, NodeInstance sender);

    [LoggerMessage(422, LogLevel.Warning, "A stream with {Peer} was reset, because a frame was lost or the peer did not keep to the rules: {Problem}.")]
    public static partial void StreamViolation(this ILogger logger, NodeInstance peer, string problem);

    [LoggerMessage(423, LogLevel.Information, "Stopped with {Streams} streams still open; they were aborted.")]
    public static partial void StreamDrainTimedOut(this ILogger logger, int streams);
}
