using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samples;

namespace Gossip.AspNetCore.Tests;

/// <summary>A reverse proxy that passes on what comes below a prefix, without the prefix.</summary>
internal sealed class PrefixProxy : IAsyncDisposable
{
    private const int BufferSize = 16 * 1024;
    private readonly WebApplication _application;
    private int _passed;

    private PrefixProxy(WebApplication application, string url)
    {
        _application = application;
        Url = url;
    }

    public string Url { get; }

    public int Passed => Volatile.Read(ref _passed);

    public static async Task<PrefixProxy> StartAsync(string prefix, int target)
    {
        var port = FreePorts.Find(1)[0];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var application = builder.Build();
        var proxy = new PrefixProxy(application, string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{port}"));
        application.UseWebSockets();
        application.Map(prefix, inner => inner.Run(context => proxy.PassAsync(context, target)));
        await application.StartAsync(WebNode.Cancel);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private async Task PassAsync(HttpContext context, int target)
    {
        Interlocked.Increment(ref _passed);
        using var outer = new ClientWebSocket();
        outer.Options.SetRequestHeader("Authorization", context.Request.Headers.Authorization);
        await outer.ConnectAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{target}{context.Request.Path}")), context.RequestAborted);
        using var inner = await context.WebSockets.AcceptWebSocketAsync();
        await Task.WhenAll(PumpAsync(inner, outer), PumpAsync(outer, inner));
    }

    private static async Task PumpAsync(WebSocket from, WebSocket to)
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (true)
            {
                var received = await from.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await to.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            }
        }
        catch (WebSocketException)
        {
            to.Abort();
        }
    }
}
