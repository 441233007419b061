using System.Diagnostics.Metrics;
using Gossip;
using Gossip.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a gossip node to a service collection.</summary>
public static class GossipServiceCollectionExtensions
{
    /// <summary>The name of the health check that says whether the node, and its table, can be used: <c>gossip</c>. It has the tag <c>ready</c>.</summary>
    public const string HealthCheckName = "gossip";

    /// <summary>The name of the health check that says whether the process should be started again: <c>gossip-live</c>. It has the tag <c>live</c>.</summary>
    public const string LivenessCheckName = "gossip-live";

    private const string ReadinessTag = "ready";
    private const string LivenessTag = "live";

    /// <summary>
    /// Adds a <see cref="GossipNode"/> as a singleton that starts and stops with the host, its options with their validation at start, and
    /// health checks named <see cref="HealthCheckName"/> and <see cref="LivenessCheckName"/>. A second call only adds configuration.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options, after configuration. Default: none.</param>
    /// <returns>The services.</returns>
    /// <remarks>The options are read from section <c>Gossip</c> of the configuration, where an <see cref="IConfiguration"/> is registered.</remarks>
    public static IServiceCollection AddGossipCluster(this IServiceCollection services, Action<GossipOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddNode(services, configure);
        if (!services.Any(static service => service.ServiceType == typeof(ForeignLifecycle) || service.ImplementationType == typeof(GossipHostedService)))
        {
            services.AddHostedService<GossipHostedService>();
        }

        return services;
    }

    /// <summary>
    /// The same for something with a life of its own, such as a silo: whoever calls this starts the node (<see cref="GossipNode.OpenAsync"/>) and stops it (<see cref="GossipNode.StopAsync"/>), and the host does
    /// neither, also where <see cref="AddGossipCluster"/> is called too, before or after. There is one node in any case.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options, after configuration. Default: none.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddGossipNode(this IServiceCollection services, Action<GossipOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddNode(services, configure);
        services.TryAddSingleton<ForeignLifecycle>();
        return services;
    }

    private static void AddNode(IServiceCollection services, Action<GossipOptions>? configure)
    {
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.Any(static service => service.ServiceType == typeof(GossipNode)))
        {
            return;
        }

        // First of all, so that what is set in code wins over configuration.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GossipOptions>>(provider =>
            new ConfigureGossipOptions(provider.GetService<IConfiguration>())));
        services.AddOptions<GossipOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GossipOptions>, GossipOptionsValidator>());
        services.AddSingleton(static provider =>
        {
            var node = new GossipNode(
                provider.GetRequiredService<IOptions<GossipOptions>>().Value,
                provider.GetService<ILoggerFactory>(),
                provider.GetService<TimeProvider>(),
                provider.GetService<IMeterFactory>());
            foreach (var handler in provider.GetServices<ScopedHandler>())
            {
                handler.AddTo(node.Messages, provider.GetRequiredService<IServiceScopeFactory>());
            }

            return node;
        });
        services.AddSingleton(provider => provider.GetRequiredService<GossipNode>().Messages);
        services.AddSingleton(provider => provider.GetRequiredService<GossipNode>().Streams);
        services.AddHealthChecks()
            .AddCheck<GossipHealthCheck>(HealthCheckName, tags: [ReadinessTag])
            .AddCheck<GossipLivenessCheck>(LivenessCheckName, tags: [LivenessTag]);
    }
}
