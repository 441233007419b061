using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Clustering.Gossip;

/// <summary>What silos and clients have in common.</summary>
internal static class GossipClusteringServices
{
    public static void AddGossipClustering(this IServiceCollection services)
    {
        if (services.Any(static service => service.ServiceType == typeof(GossipSilos)))
        {
            return;
        }

        services.AddGossipNode();
        services.AddSingleton(static provider => new GossipSilos(provider.GetRequiredService<GossipNode>()));

        // What the host sets for any node comes first, so that what is set for the silo wins; and the node of this process has the result, whoever asks for its options.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<GossipClusteringOptions>, HostOptions>());
        services.AddSingleton<IPostConfigureOptions<GossipClusteringOptions>, HostPostOptions>();
        services.AddSingleton<IPostConfigureOptions<GossipClusteringOptions>, ClusterName>();
        services.Replace(ServiceDescriptor.Singleton<IOptionsFactory<GossipOptions>, NodeOptions>());
        services.ConfigureFormatter<GossipClusteringOptions>();
    }

    private sealed class HostOptions(IEnumerable<IConfigureOptions<GossipOptions>> host) : IConfigureOptions<GossipClusteringOptions>
    {
        public void Configure(GossipClusteringOptions options)
        {
            foreach (var item in host)
            {
                item.Configure(options);
            }
        }
    }

    /// <summary>What is set after everything else is set for the silo's node, too: in a process of one node it can be meant for no other.</summary>
    private sealed class HostPostOptions(IEnumerable<IPostConfigureOptions<GossipOptions>> host) : IPostConfigureOptions<GossipClusteringOptions>
    {
        public void PostConfigure(string? name, GossipClusteringOptions options)
        {
            foreach (var item in host)
            {
                item.PostConfigure(name, options);
            }
        }
    }

    private sealed class ClusterName(IOptions<ClusterOptions> cluster) : IPostConfigureOptions<GossipClusteringOptions>
    {
        private static readonly GossipOptions Default = new();

        public void PostConfigure(string? name, GossipClusteringOptions options)
        {
            options.ClusterName = options.ClusterName == Default.ClusterName ? cluster.Value.ClusterId : options.ClusterName;
            options.ServiceId = options.ServiceId == Default.ServiceId ? cluster.Value.ServiceId : options.ServiceId;
        }
    }

    private sealed class NodeOptions(IOptions<GossipClusteringOptions> options) : IOptionsFactory<GossipOptions>
    {
        public GossipOptions Create(string name) => options.Value;
    }
}
