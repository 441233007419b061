using Gossip.Messaging;
using Gossip.Tests.Membership;
using Gossip.Transport;
using Gossip.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gossip.Tests.Performance;

/// <summary>A node that is nothing but its messaging, with one peer, and a network that swallows everything and allocates nothing.</summary>
internal sealed class QuietHost : IMessagingHost, ITransport, IBroadcastLink, IClientLinks
{
    public static readonly NodeInstance Peer = TestNodes.Instance('p');

    public QuietHost(MessagingOptions? options = null)
    {
        View = new ClusterView(1, Describe('a'), [Describe('a'), Describe('p')]);
        Messages = new GossipMessaging(this, Types, options ?? new MessagingOptions());
        Messages.OnViewChanged(View);
    }

    public MessageTypeRegistry Types { get; } = new();

    public GossipMessaging Messages { get; }

    public int Datagrams { get; private set; }

    public ClusterView View { get; }

    public NodeInstance Self { get; } = TestNodes.Instance('a');

    public ulong ClusterHash => TestNodes.Cluster;

    public ITransport Transport => this;

    public IBroadcastLink Broadcasts => this;

    public IClientLinks Clients => this;

    public TimeProvider TimeProvider => TimeProvider.System;

    public ILogger Logger => NullLogger.Instance;

    public int MaxDatagramSize => 1400;

    public NodeEndpoint LocalEndpoint => TestNodes.Endpoint('a');

    public bool StreamOnly => false;

    public void DemandMembership()
    {
        // It always takes part.
    }

    /// <summary>A message of the peer arrives as a datagram.</summary>
    public void Receive(Span<byte> packet, ulong sequence, ReadOnlySpan<byte> body)
    {
        var header = new PacketHeader(PacketHeader.CurrentVersion, PacketKind.Data, 0, ClusterHash, Peer);
        var size = DataPacket.WriteEnvelope(packet, header, new DeliveryAddress(Self, sequence), body);
        Messages.OnPacket(header, packet[..size], connection: null);
    }

    public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        Datagrams++;
        return true;
    }

    public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet) => true;

    public ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken) => default;

    public ValueTask<bool> TryBroadcastAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    /// <summary>There are no clients here.</summary>
    public NodeInstance? Find(NodeId id) => null;

    public bool TrySend(NodeInstance to, ReadOnlySpan<byte> packet) => false;

    public void Start(ITransportSink sink)
    {
    }

    public void BindConnection(ITransportConnection connection, in NodeEndpoint peer)
    {
    }

    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason)
    {
    }

    public ValueTask DisposeAsync() => default;

    private static ClusterMember Describe(char name) => new()
    {
        Instance = TestNodes.Instance(name),
        Address = TestNodes.Endpoint(name).ToIPEndPoint(),
        State = MemberState.Alive,
        Incarnation = 0,
        IsLocal = name == 'a',
    };
}
