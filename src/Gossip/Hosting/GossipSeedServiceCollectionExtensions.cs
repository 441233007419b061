using System.Diagnostics.CodeAnalysis;
using Gossip;
using Gossip.Discovery;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds seed providers that are services.</summary>
public static class GossipSeedServiceCollectionExtensions
{
    /// <summary>Lets a service say at which addresses other nodes may be, beside <see cref="GossipOptions.Seeds"/>; unless it is registered otherwise it is a singleton.</summary>
    /// <typeparam name="TProvider">The service. It is made when the node starts.</typeparam>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddGossipSeedProvider<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProvider>(this IServiceCollection services)
        where TProvider : class, ISeedProvider
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<TProvider>();
        services.AddOptions<GossipOptions>().Configure<IServiceProvider>(static (options, provider) =>
            options.SeedProviders.Add(new ServiceSeeds(typeof(TProvider), provider.GetRequiredService<TProvider>)));
        return services;
    }
}
