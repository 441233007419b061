using Gossip.Transport;

namespace Gossip.Messaging;

/// <content>The way to the network.</content>
internal sealed partial class PendingDeliveries
{
    /// <summary>How many messages a caller sends for others, at most, besides its own.</summary>
    private const int Share = 64;

    private readonly Queue<OutgoingPeer> _idlePeers = new(); // have something to send, and nobody who sends it

    /// <summary>Sends what waits to be sent, unless another thread is at it.</summary>
    private void Transmit()
    {
        while (true)
        {
            OutgoingPeer? peer;
            lock (_gate)
            {
                if (!_idlePeers.TryDequeue(out peer))
                {
                    return;
                }
            }

            TransmitTo(peer);
        }
    }

    /// <summary>
    /// Only one thread sends to a peer at a time, so that messages leave in the order of their numbers: one that lost its processor between number and network would come after a thousand others, and be
    /// too old for the target's window. No caller sends for the others for ever.
    /// </summary>
    private void TransmitTo(OutgoingPeer peer)
    {
        for (var sent = 0; sent < Share; sent++)
        {
            Transmission transmission;
            lock (_gate)
            {
                if (!peer.Outbox.TryDequeue(out transmission))
                {
                    peer.IsTransmitting = false;
                    return;
                }
            }

            // A request that was given up meanwhile must not follow its cancellation. Of a reliable message others have said already that it comes.
            if (transmission.Delivery is not { Lane: DeliveryLane.Request, IsOver: true })
            {
                TryTransmit(transmission);
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static work => work.Owner.TransmitTo(work.Peer), (Owner: this, Peer: peer), preferLocal: false);
    }

    /// <summary>Whatever goes wrong is a failure of this transmission: the thread may be anybody's, and others wait to be sent behind it.</summary>
    private void TryTransmit(in Transmission transmission)
    {
        try
        {
            Transmit(transmission);
        }
        catch (Exception error)
        {
            _host.Logger.TransmissionFailed(transmission.Address.Target, error);
            OnFailure(transmission.Address.Target, transmission.Delivery.Lane, transmission.Address.Sequence);
        }
    }

    private void Transmit(in Transmission transmission)
    {
        var target = transmission.Address.Target;
        var view = _host.View;
        if (IsGone(view, target))
        {
            End(transmission.Delivery, Gone);
            return;
        }

        var endpoint = view.Find(target.Id) is { } member ? member.Endpoint : NodeEndpoint.Nowhere;
        if (!_transmitter.TrySendFrame(endpoint, transmission.Address, transmission.Body.Span))
        {
            OnFailure(target, transmission.Delivery.Lane, transmission.Address.Sequence);
        }
    }

    // What follows is called with the lock held.

    /// <summary>Puts the next transmission of a delivery behind the others to its target.</summary>
    private void Enqueue(PendingDelivery delivery)
    {
        if (delivery.Attempts++ == 0)
        {
            _counters.CountSent();
        }
        else
        {
            _counters.CountRetry();
        }

        Schedule(delivery, RetrySchedule.AfterSilence(delivery.Attempts));
        var peer = _peers[delivery.Target.Id];
        peer.Outbox.Enqueue(new Transmission(delivery, peer.AddressOf(delivery), delivery.Body));
        if (!peer.IsTransmitting)
        {
            peer.IsTransmitting = true;
            _idlePeers.Enqueue(peer);
        }
    }
}
