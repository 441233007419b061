using Microsoft.Extensions.Logging;

namespace Gossip.Messaging;

internal static partial class MessagingLog
{
    [LoggerMessage(400, LogLevel.Warning, "The handler of message type {Type} failed on {Verb} {Id} from {Sender}.")]
    public static partial void HandlerFailed(this ILogger logger, int type, MessageVerb verb, ulong id, NodeInstance sender, Exception exception);

    [LoggerMessage(401, LogLevel.Debug, "A malformed {Kind} from {Sender} was dropped.")]
    public static partial void Malformed(this ILogger logger, Wire.MessageKind kind, NodeInstance sender);

    [LoggerMessage(402, LogLevel.Information, "Stopped with {Handlers} handlers still running and {Pending} sends unfinished; the sends were reported as timed out.")]
    public static partial void DrainTimedOut(this ILogger logger, int handlers, int pending);

    [LoggerMessage(EventId = 404, Message = "{Verb} {Type} number {Id} from {Sender} with {Size} bytes was handled in {Milliseconds:F1} ms.")]
    public static partial void Handled(this ILogger logger, LogLevel level, MessageVerb verb, int type, ulong id, NodeInstance sender, int size, double milliseconds);

    [LoggerMessage(405, LogLevel.Warning, "{Verb} {Type} number {Id} from {Sender} with {Size} bytes failed after {Milliseconds:F1} ms.")]
    public static partial void NotHandled(this ILogger logger, MessageVerb verb, int type, ulong id, NodeInstance sender, int size, double milliseconds, Exception error);

    [LoggerMessage(406, LogLevel.Warning, "A message to {Target} could not be handed to the transport; it is tried again.")]
    public static partial void TransmissionFailed(this ILogger logger, NodeInstance target, Exception exception);

    [LoggerMessage(407, LogLevel.Warning, "A listener of traces failed; the message is handled without a trace.")]
    public static partial void TracingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(403, LogLevel.Error, "A message could not be answered.")]
    public static partial void AnswerFailed(this ILogger logger, Exception exception);
}
