using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Gossip;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.Hosting;

/// <summary>Makes a silo a member of a gossip cluster that keeps Orleans' membership table itself, without a database.</summary>
public static class GossipSiloBuilderExtensions
{
    /// <summary>
    /// Finds the other silos by gossip, and keeps the membership table together with them. Without any options it is for developing: silos on this machine find each other, and nobody else does.
    /// <see cref="GossipNode"/>, <see cref="GossipMessaging"/> and <see cref="GossipSilos"/> can be injected, and the node lives as long as the silo.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <returns>The silo.</returns>
    public static ISiloBuilder UseGossipClustering(this ISiloBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddGossipClustering();
        if (services.Any(static service => service.ServiceType == typeof(SiloNode)))
        {
            return builder;
        }

        services.AddSingleton<SiloNode>();
        services.AddSingleton<GossipMembershipTable>();
        services.AddSingleton<IMembershipTable>(static provider => provider.GetRequiredService<GossipMembershipTable>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider => provider.GetRequiredService<SiloNode>());
        services.AddSingleton<IHealthCheckParticipant>(static provider => provider.GetRequiredService<SiloNode>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DeathReporter>();
        services.AddSingleton<IConfigurationValidator, SiloClusteringValidator>();
        services.AddPlacementFilter<RequireTagStrategy, RequireTagDirector>(ServiceLifetime.Singleton);
        return builder;
    }

    /// <inheritdoc cref="UseGossipClustering(ISiloBuilder)"/>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Sets options in code, over all configuration.</param>
    public static ISiloBuilder UseGossipClustering(this ISiloBuilder builder, Action<GossipClusteringOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        builder.UseGossipClustering().Services.Configure(configure);
        return builder;
    }

    /// <inheritdoc cref="UseGossipClustering(ISiloBuilder)"/>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Sets up the options, for example from other services.</param>
    public static ISiloBuilder UseGossipClustering(this ISiloBuilder builder, Action<OptionsBuilder<GossipClusteringOptions>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(builder.UseGossipClustering().Services.AddOptions<GossipClusteringOptions>());
        return builder;
    }

    /// <summary>
    /// Gives this silo tags, and shows them in Orleans' silo metadata, too: each as a key <c>tag:name</c> with the value <c>true</c>, beside what section <c>Orleans:Metadata</c> of the configuration says. Use it in place
    /// of <c>UseSiloMetadata</c>, which may be called only once. Tags that are set or taken away later show in <see cref="GossipSilos"/> only, for Orleans' metadata never changes.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="tags">The tags.</param>
    /// <returns>The silo.</returns>
    public static ISiloBuilder UseGossipTagsAsSiloMetadata(this ISiloBuilder builder, params string[] tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(tags);
        var metadata = builder.Configuration.GetSection("Orleans:Metadata").GetChildren()
            .Where(static item => item.Value is not null)
            .ToDictionary(static item => item.Key, static item => item.Value!, StringComparer.Ordinal);
        foreach (var tag in tags)
        {
            metadata[TagPrefix + tag] = "true";
        }

        builder.UseSiloMetadata(metadata);
        return builder.UseGossipClustering(options =>
        {
            foreach (var tag in tags)
            {
                options.Tags.Add(tag);
            }
        });
    }

    private const string TagPrefix = "tag:";
}
