using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace WebSocketCluster;

/// <summary>The least of a reverse proxy: WebSockets below a prefix go to another port, without the prefix. Use a real one.</summary>
internal static class ReverseProxy
{
    private const int BufferSize = 16 * 1024;

    public static async Task<WebApplication> StartAsync(int port, string prefix, int target)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var application = builder.Build();
        application.UseWebSockets();
        application.Map(prefix, inner => inner.Run(context => PassAsync(context, target)));
        await application.StartAsync();
        return application;
    }

    private static async Task PassAsync(HttpContext context, int target)
    {
        using var outer = new ClientWebSocket();
        outer.Options.SetRequestHeader("Authorization", context.Request.Headers.Authorization);
        await outer.ConnectAsync(new Uri($"ws://127.0.0.1:{target}{context.Request.Path}"), context.RequestAborted);
        using var inner = await context.WebSockets.AcceptWebSocketAsync();
        await Task.WhenAll(PumpAsync(inner, outer), PumpAsync(outer, inner));
    }

    private static async Task PumpAsync(WebSocket from, WebSocket to)
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } received)
            {
                await to.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            }

            await to.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            to.Abort();
        }
    }
}
