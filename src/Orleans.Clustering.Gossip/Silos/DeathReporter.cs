using Gossip;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// Tells Orleans of deaths that the gossip found, where <see cref="GossipClusteringOptions.ReportDeaths"/> says so. The lowest living silo does it first and the others each a little later, so that one does it and not all;
/// and again until Orleans' view says dead, for Orleans only queues what it is told, and does not try again when somebody else wrote at the same moment.
/// </summary>
internal sealed partial class DeathReporter(
    SiloNode silo, IServiceProvider services, IOptions<GossipClusteringOptions> options, TimeProvider time, ILogger<DeathReporter> logger)
    : ILifecycleParticipant<ISiloLifecycle>, ILifecycleObserver, IDisposable
{
    /// <summary>What each silo waits for the one before: some commits' time.</summary>
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>How long to wait for Orleans' view before it is told again.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
    {
        if (options.Value.ReportDeaths)
        {
            lifecycle.Subscribe(nameof(DeathReporter), ServiceLifecycleStage.Active, this);
        }
    }

    public Task OnStart(CancellationToken cancellationToken = default)
    {
        _watching = Task.Run(WatchAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task OnStop(CancellationToken cancellationToken = default)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private async Task WatchAsync()
    {
        var orleans = (IClusterMembershipService)services.GetService(typeof(IClusterMembershipService))!;
        await foreach (var change in silo.Node.WatchAsync(_stop.Token).ConfigureAwait(false))
        {
            if (change.Current is { State: MemberState.Dead } dead && SiloTags.SiloOf(dead) is { } address)
            {
                _ = ReportAsync(orleans, dead.Instance, address);
            }
        }
    }

    private async Task ReportAsync(IClusterMembershipService orleans, NodeInstance node, SiloAddress address)
    {
        try
        {
            await Task.Delay(Stagger * Rank(), time, _stop.Token).ConfigureAwait(false);
            while (IsDead(node) && orleans.CurrentSnapshot.Members.TryGetValue(address, out var member) && member.Status != SiloStatus.Dead)
            {
                LogReport(address);
                await orleans.TryKill(address).ConfigureAwait(false);
                await Task.Delay(Again, time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            LogFailed(e, address);
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    /// <summary>How many living silos come before this one.</summary>
    private int Rank() => silo.Node.View.Present.Count(member => SiloTags.SiloOf(member) is { } other && silo.Silo is not null && other.CompareTo(silo.Silo) < 0);

    /// <summary>Still so: it may have come back meanwhile.</summary>
    private bool IsDead(NodeInstance node) => silo.Node.View.Find(node.Id) is not { } member || member.Instance != node || member.State == MemberState.Dead;

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "The gossip found silo {Silo} dead: Orleans is asked to declare it so.")]
    private partial void LogReport(SiloAddress silo);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Orleans could not be told that silo {Silo} is dead; its own probes will find it.")]
    private partial void LogFailed(Exception error, SiloAddress silo);
}
