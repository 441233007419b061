using System.Threading.Channels;
using Gossip.Tests.Transport;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Tests.Sealing;

/// <summary>A sealed transport over sockets, with a sink that records.</summary>
internal sealed class SealedEnd : ISealedTransportOwner, IAsyncDisposable
{
    private readonly NodeInstance _self;

    public SealedEnd(NodeInstance self, string[] keys, bool streamOnly = false)
    {
        _self = self;
        Keys = new GossipKeys(KeyRing.Parse(keys));
        Sockets = SocketTransport.Bind(new TransportOptions { BindEndpoint = LoopbackNode.AnyPort, StreamOnly = streamOnly });
        Transport = new SealedTransport(Sockets, Keys, new SealScope("orders", "eu"), new SealCapacity(16, 16), this, TimeProvider.System);
        Transport.Start(Sink);
    }

    public GossipKeys Keys { get; }

    public SocketTransport Sockets { get; }

    public SealedTransport Transport { get; }

    public RecordingSink Sink { get; } = new();

    public Channel<(NodeEndpoint From, SealVerdict Verdict, byte KeyId)> Refused { get; } = Channel.CreateUnbounded<(NodeEndpoint, SealVerdict, byte)>();

    public Channel<NodeEndpoint> Mismatches { get; } = Channel.CreateUnbounded<NodeEndpoint>();

    public Channel<(NodeEndpoint From, byte KeyId)> NotUnderstood { get; } = Channel.CreateUnbounded<(NodeEndpoint, byte)>();

    public NodeEndpoint Endpoint => Sockets.LocalEndpoint;

    public byte[] Packet(int size = 100) => SealBench.Packet(_self, size);

    public void OnRefused(in NodeEndpoint from, SealVerdict verdict, byte keyId) => Refused.Writer.TryWrite((from, verdict, keyId));

    public void OnKeyMismatch(in NodeEndpoint dialled) => Mismatches.Writer.TryWrite(dialled);

    public void OnNotUnderstood(in NodeEndpoint from, byte keyId) => NotUnderstood.Writer.TryWrite((from, keyId));

    public ValueTask DisposeAsync() => Transport.DisposeAsync();
}
