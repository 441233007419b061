using Microsoft.Extensions.Hosting;

namespace Gossip.Hosting;

/// <summary>Starts and stops the node with the host.</summary>
internal sealed class GossipHostedService(GossipNode node) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => node.OpenAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync(cancellationToken);
}
