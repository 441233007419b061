using Microsoft.Extensions.Hosting;

namespace Gossip.Hosting;

/// <summary>Says that somebody else than the host starts and stops the node, such as a silo.</summary>
internal sealed class ForeignLifecycle;

/// <summary>Starts and stops the node with the host, unless somebody else does.</summary>
internal sealed class GossipHostedService(GossipNode node, IEnumerable<ForeignLifecycle> others) : IHostedService
{
    /// <summary>Whether the node starts and stops with the host.</summary>
    public bool IsMine { get; } = !others.Any();

    public Task StartAsync(CancellationToken cancellationToken) => IsMine ? node.OpenAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => IsMine ? node.StopAsync(cancellationToken) : Task.CompletedTask;
}
