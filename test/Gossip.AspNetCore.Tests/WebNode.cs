using System.Globalization;
using Gossip.Tests.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samples;
using Xunit;

namespace Gossip.AspNetCore.Tests;

/// <summary>A node inside a web application of its own, on loopback.</summary>
internal sealed class WebNode : IAsyncDisposable
{
    public const string Token = "a-token-for-tests-0123456789";
    public const int Greeting = MessageTypeNumber.FirstUser;
    public const int Question = MessageTypeNumber.FirstUser + 1;
    public const int Copy = MessageTypeNumber.FirstUser + 2;

    private static int _count;
    private readonly WebApplication _application;

    private WebNode(WebApplication application, string url)
    {
        _application = application;
        Url = url;
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Url { get; }

    public GossipNode Node => _application.Services.GetRequiredService<GossipNode>();

    public static string NewCluster() => string.Create(CultureInfo.InvariantCulture, $"web-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");

    /// <summary>Starts a node that is reached at the URL of its application, or at another that leads there.</summary>
    public static async Task<WebNode> StartAsync(string cluster, string? seed, Action<GossipOptions>? configure = null, string? reachedAt = null, int? port = null)
    {
        var own = port ?? FreePorts.Find(1)[0];
        var url = reachedAt ?? string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{own}/gossip");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{own}"));
        builder.Services.AddGossipCluster(options =>
        {
            options.ClusterName = cluster;
            options.Profile = GossipProfile.Local;
            options.WebOnly = true;
            options.Web.Address = url;
            options.Web.Token = Token;
            if (seed is not null)
            {
                options.Seeds.Add(seed);
            }

            configure?.Invoke(options);
        });
        var application = builder.Build();
        application.MapGossip("/gossip");
        var node = application.Services.GetRequiredService<GossipNode>();
        Answer(node);
        await application.StartAsync(Cancel);
        return new WebNode(application, url);
    }

    /// <summary>What every node of the tests does for others.</summary>
    public static void Answer(GossipNode node)
    {
        node.Messages.Handle(Greeting, static (_, _) => default);
        node.Messages.HandleRequest(Question, static (context, _) => ValueTask.FromResult(MessagePayload.FromText("re: " + context.ReadText())));
        node.Streams.Handle(Copy, static async (stream, token) =>
        {
            await stream.Input.CopyToAsync(stream.Output, token);
            await stream.Output.CompleteAsync();
        });
    }

    /// <summary>Ends the node as a crash would, and its web server with it: nobody is told.</summary>
    public async Task KillAsync()
    {
        await Node.RuntimeOrNull!.DisposeAsync();
        await _application.Services.GetRequiredService<IServer>().StopAsync(new CancellationToken(canceled: true));
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    /// <summary>Waits until all see each other as alive.</summary>
    public static Task FormedAsync(params GossipNode[] nodes) => Awaiting.UntilAsync(() => nodes.All(node => nodes.All(other =>
        node.View.Find(other.Id) is { State: MemberState.Alive } seen && seen.Instance == other.Instance)));
}
