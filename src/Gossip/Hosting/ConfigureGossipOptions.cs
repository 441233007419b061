using Gossip.Discovery;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Gossip.Hosting;

/// <summary>Reads the options from section <c>Gossip</c>. What is not a value of its option is an error that names the key.</summary>
internal sealed class ConfigureGossipOptions(IConfiguration? configuration) : IConfigureOptions<GossipOptions>
{
    public void Configure(GossipOptions options)
    {
        if (configuration?.GetSection(GossipOptions.SectionName) is { } section)
        {
            section.Bind(options);
            options.SeedProviders.Add(new ConfigurationSeeds(section.GetSection(nameof(GossipOptions.Seeds)), isHosts: true)); // for those that a reload brings
        }
    }
}
