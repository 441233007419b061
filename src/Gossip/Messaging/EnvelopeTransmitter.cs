using System.Buffers;
using Gossip.Transport;

namespace Gossip.Messaging;

/// <summary>Puts an encoded message and one target's address into a packet, and hands it to the transport.</summary>
internal sealed class EnvelopeTransmitter(IMessagingHost host)
{
    /// <summary>Whether a message travels as a datagram. It is decided before the message is numbered, because each way has its own numbers.</summary>
    public bool FitsDatagram(ClusterMember? to, int bodySize) =>
        to is not null && !host.Transport.StreamOnly && !to.TcpOnly && Size(bodySize) <= host.MaxDatagramSize;

    /// <summary>False when this host could not send: then nothing left it.</summary>
    public bool TrySendDatagram(in NodeEndpoint to, in DeliveryAddress address, ReadOnlySpan<byte> body)
    {
        var packet = Rent(body.Length);
        try
        {
            return host.Transport.TrySendDatagram(to, packet.AsSpan(0, Write(packet, address, body)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    /// <summary>Queues a frame; false when the peer's queue is full. To a client, which is nowhere, only its own connection leads; then false also when there is none.</summary>
    public bool TrySendFrame(in NodeEndpoint to, in DeliveryAddress address, ReadOnlySpan<byte> body)
    {
        var packet = Rent(body.Length);
        try
        {
            return TrySend(to, address.Target, packet.AsSpan(0, Write(packet, address, body)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    /// <summary>Queues a frame, and waits while the peer's queue is full.</summary>
    public ValueTask SendFrameAsync(NodeEndpoint to, in DeliveryAddress address, ReadOnlySpan<byte> body, CancellationToken cancellationToken)
    {
        var packet = new byte[Size(body.Length)];
        return host.Transport.SendFrameAsync(to, packet.AsMemory(0, Write(packet, address, body)), cancellationToken);
    }

    /// <summary>Tells the target of a request that nobody waits for the reply any more. Nothing depends on its arrival.</summary>
    public void SendCancel(in NodeEndpoint to, in DeliveryAddress address)
    {
        Span<byte> packet = stackalloc byte[Size(0)];
        _ = TrySend(to, address.Target, packet[..DataPacket.WriteCancel(packet, host.Header(), address)]);
    }

    private bool TrySend(in NodeEndpoint to, NodeInstance target, ReadOnlySpan<byte> packet) =>
        to == NodeEndpoint.Nowhere ? host.Clients.TrySend(target, packet) : host.Transport.TrySendFrame(to, packet);

    private static int Size(int bodySize) => DataPacket.MaxFraming + DeliveryAddress.MaxSize + bodySize;

    private static byte[] Rent(int bodySize) => ArrayPool<byte>.Shared.Rent(Size(bodySize));

    private int Write(Span<byte> packet, in DeliveryAddress address, ReadOnlySpan<byte> body) =>
        DataPacket.WriteEnvelope(packet, host.Header(), address, body);
}
