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

    [LoggerMessage(403, LogLevel.Error, "A message could not be answered.")]
    public static partial void AnswerFailed(this ILogger logger, Exception exception);
}
