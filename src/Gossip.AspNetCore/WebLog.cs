using Microsoft.Extensions.Logging;

namespace Gossip.AspNetCore;

/// <summary>What the web endpoint logs.</summary>
internal static partial class WebLog
{
    [LoggerMessage(601, LogLevel.Warning, "A request from {Address} to the gossip endpoint was refused with status {Status}: {Reason}")]
    public static partial void Refused(ILogger logger, string address, int status, string reason);
}
