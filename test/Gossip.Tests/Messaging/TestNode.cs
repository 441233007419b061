using System.Collections.Immutable;
using Gossip.Messaging;
using Gossip.Metadata;
using Gossip.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gossip.Tests.Messaging;

/// <summary>A node that is nothing but its messaging.</summary>
internal sealed class TestNode : IMessagingHost, ITransport, IBroadcastLink, IClientLinks
{
    private readonly TestNetwork _network;

    public TestNode(TestCluster cluster, TestNetwork network, NodeInstance self, NodeEndpoint endpoint, string[] tags, MessagingOptions? options)
    {
        _network = network;
        Cluster = cluster;
        Self = self;
        LocalEndpoint = endpoint;
        Tags = [.. tags];
        TimeProvider = cluster.Clock;
        View = new ClusterView(0, Describe(this), [Describe(this)]);
        Messages = new GossipMessaging(this, Types, options ?? new MessagingOptions());
        Types.Register(200, TestJson.Default.Order);
        Types.Register(201, TestJson.Default.Receipt);
        network.Join(this);
    }

    public TestCluster Cluster { get; }

    public MessageTypeRegistry Types { get; } = new();

    public GossipMessaging Messages { get; }

    public ImmutableSortedSet<string> Tags { get; }

    public MemberState State { get; set; } = MemberState.Alive;

    public NodeId Id => Self.Id;

    /// <summary>What it tells by gossip; others see it with the next view.</summary>
    public MetadataMap Facts { get; private set; } = MetadataMap.Empty;

    public ClusterView View { get; private set; }

    public NodeInstance Self { get; }

    public void DemandMembership()
    {
        // A test node always takes part.
    }

    public ulong ClusterHash { get; init; } = 0xC1;

    public ITransport Transport => this;

    public IBroadcastLink Broadcasts => this;

    public IClientLinks Clients => this;

    public TimeProvider TimeProvider { get; }

    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>How many frames the transport fails to take, with an exception.</summary>
    public int Failures { get; set; }

    public int MaxDatagramSize => 1200;

    public NodeEndpoint LocalEndpoint { get; }

    public bool StreamOnly { get; set; }

    /// <summary>The largest envelope that is gossiped; 0 for none.</summary>
    public int MaxBroadcast { get; set; }

    /// <summary>How many handlers are meant to hang, so that time goes on without them.</summary>
    public int Hanging { get; set; }

    public int Broadcasted { get; private set; }

    public void See(long version, IEnumerable<TestNode> nodes)
    {
        var members = nodes.OrderBy(node => node.Id).Select(node => Describe(node)).ToImmutableArray();
        View = new ClusterView(version, Describe(this), members);
        Messages.OnViewChanged(View);
    }

    public NodeInstance? Find(NodeId id) => Client is { } client && client.Id == id ? client : null;

    /// <summary>A client that is connected.</summary>
    public NodeInstance? Client { get; set; }

    public bool TrySend(NodeInstance to, ReadOnlySpan<byte> packet) => to == Client;

    public void Start(ITransportSink sink)
    {
    }

    public bool TrySendDatagram(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        Assert.True(packet.Length <= MaxDatagramSize);
        _network.Send(this, to, packet, isFrame: false);
        return true;
    }

    public bool TrySendFrame(in NodeEndpoint to, ReadOnlySpan<byte> packet)
    {
        Assert.True(packet.Length <= MessageLimits.MaxFrameSize);
        if (Failures > 0)
        {
            Failures--;
            throw new InvalidOperationException("the transport fails");
        }

        return _network.Send(this, to, packet, isFrame: true);
    }

    public async ValueTask SendFrameAsync(NodeEndpoint to, ReadOnlyMemory<byte> packet, CancellationToken cancellationToken)
    {
        while (!_network.Send(this, to, packet.Span, isFrame: true))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider, cancellationToken);
        }
    }

    public void Disconnect(in NodeEndpoint peer, Func<ITransportConnection, bool> keep, Exception reason)
    {
        // The test network has no connections that outlive a node.
    }

    public void BindConnection(ITransportConnection connection, in NodeEndpoint peer)
    {
    }

    public ValueTask<bool> TryBroadcastAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken)
    {
        if (envelope.Length > MaxBroadcast)
        {
            return ValueTask.FromResult(false);
        }

        Broadcasted++;
        foreach (var node in Cluster.Nodes)
        {
            node.Messages.OnBroadcast(Self, envelope.Span);
        }

        return ValueTask.FromResult(true);
    }

    public Task TellAsync(string key, MetadataValue value, CancellationToken cancellationToken)
    {
        Facts = MetadataMap.Empty.With([Fact.Create(FactKind.System, key, value, (ulong)TimeProvider.GetTimestamp() + 1)]);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => default;

    private ClusterMember Describe(TestNode node) => new()
    {
        Instance = node.Self,
        Address = node.LocalEndpoint.ToIPEndPoint(),
        State = node.State,
        Incarnation = 0,
        IsLocal = node == this,
        Tags = node.Tags,
        SystemFacts = node.Facts,
    };
}

internal sealed record Order(int Number, string Item);

internal sealed record Receipt(int Number, int Total);

[System.Text.Json.Serialization.JsonSerializable(typeof(Order))]
[System.Text.Json.Serialization.JsonSerializable(typeof(Receipt))]
internal sealed partial class TestJson : System.Text.Json.Serialization.JsonSerializerContext;
