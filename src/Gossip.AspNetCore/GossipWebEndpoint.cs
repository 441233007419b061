using System.Net;
using Gossip.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gossip.AspNetCore;

/// <summary>What happens to a request: it is refused with a reason, or its WebSocket becomes a connection of the node, and it lasts as long.</summary>
internal sealed class GossipWebEndpoint(GossipNode node, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private readonly WebTokens _tokens = new(node.Options.Web.Token);
    private readonly Lock _gate = new();
    private long? _lastWarning;

    public async Task HandleAsync(HttpContext context)
    {
        if (Refusal(context) is { } refusal)
        {
            await RefuseAsync(context, refusal.Status, refusal.Reason).ConfigureAwait(false);
            return;
        }

        var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        await node.AcceptAsync(new WebSocketLink(socket, SourceOf(context))).ConfigureAwait(false);
    }

    private (int Status, string Reason)? Refusal(HttpContext context)
    {
        if (_tokens.Accept(context.Request.Headers.Authorization) is not true and var shown)
        {
            return (StatusCodes.Status401Unauthorized, shown is null
                ? "This gossip endpoint asks for a bearer token: give every node the same Web.Token."
                : "The bearer token is not that of this node: give every node the same Web.Token.");
        }

        if (!_tokens.AreAskedFor && node.Options is { EncryptionKeys.Count: 0, AllowPlaintext: false } && !IsLocal(context))
        {
            return (StatusCodes.Status403Forbidden, "This node has neither Web.Token nor EncryptionKeys, so it listens to its own machine only.");
        }

        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return (StatusCodes.Status426UpgradeRequired, "This is a gossip endpoint: it takes WebSockets only.");
        }

        return node.HasRoomForLink ? null : (StatusCodes.Status503ServiceUnavailable, "The gossip node does not run, or has as many connections as it takes.");
    }

    private async Task RefuseAsync(HttpContext context, int status, string reason)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        if (status != StatusCodes.Status426UpgradeRequired && IsTimeToWarn())
        {
            WebLog.Refused(logger, SourceOf(context).ToString(), status, reason);
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        await context.Response.WriteAsync(reason, context.RequestAborted).ConfigureAwait(false);
    }

    private static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is null || IPAddress.IsLoopback(context.Connection.RemoteIpAddress);

    /// <summary>Of a proxied request the proxy. The port is nobody's to dial.</summary>
    private static NodeEndpoint SourceOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? NodeEndpoint.From(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, (ushort)context.Connection.RemotePort)
        : NodeEndpoint.Nowhere;

    /// <summary>Others decide how often these things happen, so they must not decide how much is logged.</summary>
    private bool IsTimeToWarn()
    {
        lock (_gate)
        {
            if (_lastWarning is { } last && time.GetElapsedTime(last) < WarningInterval)
            {
                return false;
            }

            _lastWarning = time.GetTimestamp();
            return true;
        }
    }
}
