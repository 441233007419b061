using Gossip.Containers.Tests.Clusters;
using Gossip.Containers.Tests.Engine;
using Gossip.Containers.Tests.Images;
using Gossip.Tests;
using Xunit;

namespace Gossip.Containers.Tests;

/// <summary>A test with one cluster of containers. When it failed, what they said is kept.</summary>
/// <param name="image">What they are made of.</param>
public abstract class ContainerTest(NodeImage image) : IAsyncLifetime
{
    private ContainerCluster? _cluster;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_cluster is null)
        {
            return;
        }

        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            await _cluster.KeepLogsAsync();
        }

        await _cluster.DisposeAsync();
    }

    /// <summary>Starts nodes at once, and waits until all see all and share a table.</summary>
    private protected async Task<ContainerCluster> StartAsync(int nodes, Func<ContainerSettings, ContainerSettings>? configure = null)
    {
        Skipping.Unless(image.Obstacle is null, $"Containers cannot be run here: {image.Obstacle}");
        _cluster = await ContainerCluster.CreateAsync(image, nodes);
        await _cluster.StartAsync(configure);
        return _cluster;
    }
}
