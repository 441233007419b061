using Gossip;
using Gossip.AspNetCore;
using Gossip.Transport;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets other nodes reach this application's gossip node through its web server.</summary>
public static class GossipEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Takes WebSockets of other nodes at a path, for the <see cref="GossipNode"/> of the application (<c>AddGossipCluster</c>, <c>UseGossipClustering</c>).
    /// Nodes show the token of <see cref="WebOptions.Token"/>; the application's own authentication is not asked. When the application stops, the node says
    /// goodbye at once, for the web server waits for its WebSockets to end.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path, which is the end of <see cref="WebOptions.Address"/> as others see it.</param>
    /// <returns>What adds conventions to the endpoint.</returns>
    public static IEndpointConventionBuilder MapGossip(this IEndpointRouteBuilder endpoints, string pattern)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var services = endpoints.ServiceProvider;
        var node = services.GetRequiredService<GossipNode>();
        var endpoint = new GossipWebEndpoint(node, services.GetRequiredService<ILoggerFactory>().CreateLogger("Gossip"), services.GetService<TimeProvider>() ?? TimeProvider.System);
        if (services.GetServices<IHostedService>().Any(static service => service is Gossip.Hosting.GossipHostedService { IsMine: true }))
        {
            services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _ = node.StopAsync());
        }

        var application = endpoints.CreateApplicationBuilder();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = WebSocketLink.KeepAlivePeriod });
        application.Run(endpoint.HandleAsync);
        return endpoints.Map(pattern, application.Build())
            .WithDisplayName($"Gossip at {pattern}")
            .WithMetadata(new AllowAnonymousAttribute(), new DisableRequestTimeoutAttribute());
    }
}
