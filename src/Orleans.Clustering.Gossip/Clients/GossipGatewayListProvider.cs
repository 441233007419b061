using Gossip;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Orleans.Clustering.Gossip;

/// <summary>
/// The gateways of the silos for a client, from the cluster's table. The node starts when the client first asks, for that is before the client's life begins. When the table cannot be read the last list goes
/// on being told: an outage between this client and the table is none of the silos.
/// </summary>
internal sealed partial class GossipGatewayListProvider(GossipNode node, IOptions<GatewayOptions> gateways, ILogger<GossipGatewayListProvider> logger)
    : IGatewayListProvider, ILifecycleParticipant<IClusterClientLifecycle>, ILifecycleObserver
{
    private readonly Lazy<Task> _start = new(() => Task.Run(() => node.OpenAsync()));
    private volatile IList<Uri> _last = [];

    public TimeSpan MaxStaleness => gateways.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => InitializeGatewayListProviderAsync(CancellationToken.None);

    public Task<IList<Uri>> GetGateways() => GetGatewaysAsync(CancellationToken.None);

    public Task InitializeGatewayListProviderAsync(CancellationToken cancellationToken) => _start.Value.WaitAsync(cancellationToken);

    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken)
    {
        await _start.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var table = await node.Table.ReadAllAsync(cancellationToken).ConfigureAwait(false);
            _last = [.. table.Rows.Select(SiloSign.EntryOf).Where(IsGateway).Select(ToUri)];
        }
        catch (Exception e) when (e is TableUnavailableException or TableSupersededException or GossipStateException)
        {
            LogKept(_last.Count, e.Message);
        }

        return _last;
    }

    public void Participate(IClusterClientLifecycle lifecycle) => lifecycle.Subscribe(nameof(GossipGatewayListProvider), ServiceLifecycleStage.RuntimeInitialize - 1, this);

    public Task OnStart(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task OnStop(CancellationToken cancellationToken = default) => node.StopAsync(cancellationToken);

    private static bool IsGateway(MembershipEntry entry) => entry is { Status: SiloStatus.Active, ProxyPort: not 0 };

    /// <summary>The form that Orleans' clients read: scheme, address and port of the gateway, and the silo's generation.</summary>
    private static Uri ToUri(MembershipEntry entry) =>
        new(FormattableString.Invariant($"gwy.tcp://{new System.Net.IPEndPoint(entry.SiloAddress.Endpoint.Address, entry.ProxyPort)}/{entry.SiloAddress.Generation}"));

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "The membership table cannot be read, so the {Count} gateways that were known last are used. {Reason}")]
    private partial void LogKept(int count, string reason);
}
