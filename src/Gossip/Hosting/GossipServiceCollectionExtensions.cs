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
    /// <summary>The name of the health check: <c>gossip</c>.</summary>
    public const string HealthCheckName = "gossip";

    /// <summary>
    /// Adds a <see cref="GossipNode"/> as a singleton that starts and stops with the host, its options with their validation at start, and
    /// a health check named <see cref="HealthCheckName"/>. A second call only adds configuration.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options, after configuration. Default: none.</param>
    /// <returns>The services.</returns>
    /// <remarks>The options are read from section <c>Gossip</c> of the configuration, where an <see cref="IConfiguration"/> is registered.</remarks>
    public static IServiceCollection AddGossipCluster(this IServiceCollection services, Action<GossipOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.Any(service => service.ServiceType == typeof(GossipNode)))
        {
            return services;
        }

        // First of all, so that what is set in code wins over configuration.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GossipOptions>>(provider =>
            new ConfigureGossipOptions(provider.GetService<IConfiguration>())));
        services.AddOptions<GossipOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<GossipOptions>, GossipOptionsValidator>());
        services.AddSingleton(provider => new GossipNode(
            provider.GetRequiredService<IOptions<GossipOptions>>().Value,
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<IMeterFactory>()));
        services.AddSingleton(provider => provider.GetRequiredService<GossipNode>().Messages);
        services.AddHostedService<GossipHostedService>();
        services.AddHealthChecks().AddCheck<GossipHealthCheck>(HealthCheckName);
        return services;
    }
}
