using Gossip.Node;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Logging;

namespace Gossip.Messaging;

/// <summary>What messaging needs of its node. All members may be read from any thread.</summary>
internal interface IMessagingHost
{
    /// <summary>The latest view; a new one is announced by <see cref="GossipMessaging.OnViewChanged"/>.</summary>
    ClusterView View { get; }

    NodeInstance Self { get; }

    /// <summary>Throws <see cref="GossipStateException"/> unless the node takes part in a cluster.</summary>
    void DemandMembership();

    ulong ClusterHash { get; }

    /// <summary>The wire version in which the node writes.</summary>
    byte Version => PacketHeader.CurrentVersion;

    ITransport Transport { get; }

    IBroadcastLink Broadcasts { get; }

    IClientLinks Clients { get; }

    /// <summary>Who wants to hear what happens.</summary>
    HookFeed Hooks => HookFeed.None;

    TimeProvider TimeProvider { get; }

    ILogger Logger { get; }

    /// <summary>Whether what the node tells is heard: not a client's.</summary>
    bool IsHeard => true;

    /// <summary>Tells all members something by gossip, in the place of what was told under this key before: they find it in <see cref="ClusterMember.SystemFacts"/>.</summary>
    Task TellAsync(string key, MetadataValue value, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The largest packet that is sent as a datagram, in bytes, with its header.</summary>
    int MaxDatagramSize { get; }
}

/// <summary>Reaches clients, which are in no view: only by a connection that one of them dialled. All members may be called from any thread.</summary>
internal interface IClientLinks
{
    /// <summary>The life of a node that spoke on a connection which is open still; null when there is none.</summary>
    NodeInstance? Find(NodeId id);

    /// <summary>Sends on the connection on which a node spoke last. False when there is none, or it is full.</summary>
    bool TrySend(NodeInstance to, ReadOnlySpan<byte> packet);
}

/// <summary>Spreads best-effort broadcasts by gossip.</summary>
internal interface IBroadcastLink
{
    /// <summary>
    /// Hands over an envelope for every member; each gets it by <see cref="GossipMessaging.OnBroadcast"/>. False when
    /// nodes keep no broadcasts and it is too large for a rumour, or when the node is a client; then nothing was sent. The memory may be kept.
    /// </summary>
    ValueTask<bool> TryBroadcastAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken);
}

internal static class MessagingHostExtensions
{
    /// <summary>The header of every packet of this node's data plane.</summary>
    public static PacketHeader Header(this IMessagingHost host) =>
        new(host.Version, PacketKind.Data, KeyId: 0, host.ClusterHash, host.Self);
}
