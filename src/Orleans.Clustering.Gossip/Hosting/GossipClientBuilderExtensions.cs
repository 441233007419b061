using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Gossip;
using Orleans.Messaging;

namespace Orleans.Hosting;

/// <summary>Lets a client find its silos through a gossip cluster.</summary>
public static class GossipClientBuilderExtensions
{
    /// <summary>
    /// Finds the gateways of the silos through the gossip cluster, of which the client is no member: it only dials, needs no address at which silos reach it, and starts when it first looks for gateways (see <see cref="GossipOptions.Client"/>). <see cref="GossipNode"/>, <see cref="GossipMessaging"/> and <see cref="GossipSilos"/> can be injected.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <returns>The client.</returns>
    public static IClientBuilder UseGossipClustering(this IClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddGossipClustering();
        if (services.Any(static service => service.ServiceType == typeof(GossipGatewayListProvider)))
        {
            return builder;
        }

        services.AddSingleton<GossipGatewayListProvider>();
        services.AddSingleton<IGatewayListProvider>(static provider => provider.GetRequiredService<GossipGatewayListProvider>());
        services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>>(static provider => provider.GetRequiredService<GossipGatewayListProvider>());
        services.PostConfigure<GossipClusteringOptions>(static options =>
        {
            options.Client = true;
            options.Table ??= new TableOptions();
        });
        services.AddSingleton<IConfigurationValidator, ClusteringOptionsValidator>();
        return builder;
    }

    /// <inheritdoc cref="UseGossipClustering(IClientBuilder)"/>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Sets options in code, over all configuration.</param>
    public static IClientBuilder UseGossipClustering(this IClientBuilder builder, Action<GossipClusteringOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        builder.UseGossipClustering().Services.Configure(configure);
        return builder;
    }

    /// <inheritdoc cref="UseGossipClustering(IClientBuilder)"/>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Sets up the options, for example from other services.</param>
    public static IClientBuilder UseGossipClustering(this IClientBuilder builder, Action<OptionsBuilder<GossipClusteringOptions>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(builder.UseGossipClustering().Services.AddOptions<GossipClusteringOptions>());
        return builder;
    }
}
