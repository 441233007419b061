using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Gossip;
using Orleans.Providers;

[assembly: RegisterProvider("Gossip", "Clustering", "Silo", typeof(GossipProviderBuilder))]
[assembly: RegisterProvider("Gossip", "Clustering", "Client", typeof(GossipProviderBuilder))]

namespace Orleans.Clustering.Gossip;

/// <summary>
/// Sets up the provider from section <c>Orleans:Clustering</c> with <c>ProviderType = Gossip</c>: the options by their names, and seeds also as a connection string, separated by commas, as tools that
/// hand out connection strings do.
/// </summary>
internal sealed class GossipProviderBuilder : IProviderBuilder<ISiloBuilder>, IProviderBuilder<IClientBuilder>
{
    private const string ConnectionString = "ConnectionString";
    private const string ConnectionName = "ConnectionName";

    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseGossipClustering(options => Bind(options, configurationSection, builder.Configuration));

    public void Configure(IClientBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseGossipClustering(options => Bind(options, configurationSection, builder.Configuration));

    private static void Bind(OptionsBuilder<GossipClusteringOptions> options, IConfigurationSection section, IConfiguration configuration) => options.Configure(target =>
    {
        section.Bind(target);
        var seeds = section[ConnectionString] ?? (section[ConnectionName] is { Length: > 0 } name ? configuration.GetConnectionString(name) : null);
        foreach (var seed in (seeds ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            target.Seeds.Add(seed);
        }
    });
}
