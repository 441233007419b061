using Gossip.Dissemination;
using Gossip.Messaging;
using Gossip.Metadata;
using Gossip.Transport;
using Microsoft.Extensions.Logging;

namespace Gossip.Node;

/// <summary>What messaging sees of the node. Handlers can be added before the start, so most of it is looked up when it is needed.</summary>
internal sealed class MessagingHost(GossipNode node, TimeProvider time, ILogger logger) : IMessagingHost, IBroadcastLink
{
    /// <summary>The wait before a broadcast is offered again to a queue that was full.</summary>
    private static readonly TimeSpan BusyDelay = TimeSpan.FromMilliseconds(20);

    public ClusterView View => node.View;

    public NodeInstance Self => node.Instance;

    public ulong ClusterHash => node.Runtime.Identity.ClusterHash;

    public byte Version => node.Runtime.Identity.Version;

    public ITransport Transport => node.Runtime.Transport;

    public IBroadcastLink Broadcasts => this;

    public IClientLinks Clients => node.Runtime.Pump.Links;

    public HookFeed Hooks => node.Hooks;

    public TimeProvider TimeProvider => time;

    public ILogger Logger => logger;

    public int MaxDatagramSize => node.Runtime.MaxDatagramSize;

    public void DemandMembership()
    {
        var state = node.State;
        if (node.RuntimeOrNull is null || state is GossipNodeState.Left or GossipNodeState.Stopped)
        {
            throw new GossipStateException("Sending", state);
        }
    }

    public bool IsHeard => !node.IsClient;

    public Task TellAsync(string key, MetadataValue value, CancellationToken cancellationToken) => node.Runtime.Pump.CallAsync(
        (engine, now) =>
        {
            engine.ChangeFacts(now, [new FactChange(FactKind.System, key, value)]);
            return true;
        },
        cancellationToken);

    public async ValueTask<bool> TryBroadcastAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken)
    {
        if (node.IsClient)
        {
            return false; // it gossips nothing, and sends to each member instead
        }

        while (true)
        {
            var outcome = await node.Runtime.Pump
                .CallAsync((engine, now) => engine.TryBroadcast(now, envelope.Span), cancellationToken).ConfigureAwait(false);
            if (outcome != BroadcastOutcome.Busy)
            {
                return outcome == BroadcastOutcome.Accepted;
            }

            await Task.Delay(BusyDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
