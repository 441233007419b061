using Gossip;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds a gossip node to an application.</summary>
public static class GossipHostApplicationBuilderExtensions
{
    /// <summary>
    /// Makes the application a member of a gossip cluster: <see cref="GossipNode"/>, <see cref="GossipMessaging"/> and <see cref="GossipStreams"/> can be injected, and
    /// the node starts and stops with the host. Options come from section <c>Gossip</c> of the configuration, then from <paramref name="configure"/>.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Sets options in code. Default: none.</param>
    /// <returns>The application.</returns>
    public static TBuilder UseGossipClustering<TBuilder>(this TBuilder builder, Action<GossipOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddGossipCluster(configure);
        return builder;
    }
}
