using System.Diagnostics.CodeAnalysis;
using Gossip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// The node of a silo, from before the silo listens until after it wrote that it is dead. Whoever needs it first starts it: the silo's life, or a tool that uses the table without one. Its container disposes
/// of the node, also when the silo never came to life.
/// </summary>
internal sealed class SiloNode : ILifecycleParticipant<ISiloLifecycle>, IHealthCheckParticipant
{
    /// <summary>Beside Orleans' own listeners: before the table is needed, and after the silo's last write at the stage that follows this one.</summary>
    private const int Stage = ServiceLifecycleStage.RuntimeInitialize - 1;

    private readonly IServiceProvider _services;
    private readonly GossipClusteringOptions _options;
    private readonly Lazy<Task> _start;
    private volatile bool _isStopping;

    public SiloNode(GossipNode node, IOptions<GossipClusteringOptions> options, IServiceProvider services, ILogger<SiloNode> logger)
    {
        (Node, _options, _services) = (node, options.Value, services);
        _start = new Lazy<Task>(() => Task.Run(OpenAsync));
        var host = services.GetService<IHostApplicationLifetime>();
        Stopping = host?.ApplicationStopping ?? CancellationToken.None;
        Supersession = new Supersession(host, logger);
    }

    public GossipNode Node { get; }

    /// <summary>Whether the others have another table now.</summary>
    public Supersession Supersession { get; }

    /// <summary>The silo of this process; null for a tool that only uses the table.</summary>
    public SiloAddress? Silo { get; private set; }

    /// <summary>Fires when the host begins to stop.</summary>
    public CancellationToken Stopping { get; }

    public bool IsStopping => _isStopping || Stopping.IsCancellationRequested;

    /// <summary>No other silo can be reached.</summary>
    public bool IsAlone => Node.State != GossipNodeState.Running || Node.View.Present.All(member => member.IsLocal || SiloTags.SiloOf(member) is null);

    /// <summary>Starts the node, once. Who gives up waiting leaves it to the others who wait.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _start.Value.WaitAsync(cancellationToken);

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(SiloNode), Stage, new Observer(StartAsync, StopAsync));
        lifecycle.Subscribe(nameof(SiloNode), ServiceLifecycleStage.Last, new Observer(static _ => Task.CompletedTask, BeginStop));
    }

    public bool CheckHealth(DateTime lastCheckTime, [NotNullWhen(false)] out string? reason)
    {
        reason = Node.State == GossipNodeState.Running ? null : $"The gossip node of this silo is {Node.State}.";
        return reason is null;
    }

    private async Task OpenAsync()
    {
        Silo = _services.GetService<ILocalSiloDetails>()?.SiloAddress;
        if (Silo is not null)
        {
            _options.Metadata[SiloTags.SiloKey] = SiloRow.KeyOf(Silo);
        }

        await Node.OpenAsync(Stopping).ConfigureAwait(false);
    }

    private Task BeginStop(CancellationToken cancellationToken)
    {
        _isStopping = true;
        return Task.CompletedTask;
    }

    private Task StopAsync(CancellationToken cancellationToken) => Node.StopAsync(cancellationToken);

    private sealed class Observer(Func<CancellationToken, Task> start, Func<CancellationToken, Task> stop) : ILifecycleObserver
    {
        public Task OnStart(CancellationToken cancellationToken = default) => start(cancellationToken);

        public Task OnStop(CancellationToken cancellationToken = default) => stop(cancellationToken);
    }
}
