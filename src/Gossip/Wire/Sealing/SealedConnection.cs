using Gossip.Transport;

namespace Gossip.Wire;

/// <summary>A connection whose frames are sealed.</summary>
internal sealed class SealedConnection(SealedTransport owner, ITransportConnection inner) : ITransportConnection
{
    private bool _trusted;

    public ITransportConnection Inner => inner;

    /// <summary>Whether a packet of it ever opened: then there is a member at its other end, and bad packets are no reason to hang up.</summary>
    public bool Trusted
    {
        get => Volatile.Read(ref _trusted);
        set => Volatile.Write(ref _trusted, value);
    }

    public long Id => inner.Id;

    public NodeEndpoint Peer => inner.Peer;

    public NodeEndpoint RemoteEndpoint => inner.RemoteEndpoint;

    public bool TrySend(ReadOnlySpan<byte> packet) => owner.TrySendOn(inner, packet, bulk: false);

    public bool TrySendBulk(ReadOnlySpan<byte> packet) => owner.TrySendOn(inner, packet, bulk: true);

    public void Close(Exception? error) => inner.Close(error);
}
