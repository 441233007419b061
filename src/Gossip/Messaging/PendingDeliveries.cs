using System.Diagnostics.CodeAnalysis;
using Gossip.Transport;
using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>
/// All reliable messages and requests that are not over, from the first transmission to the answer. Each ends exactly once:
/// by an answer, by its timeout, because its target is gone, or because the node stops.
/// </summary>
internal sealed class PendingDeliveries
{
    private readonly Lock _gate = new(); // never held while the transport is called
    private readonly Dictionary<NodeId, OutgoingPeer> _peers = [];
    private readonly IMessagingHost _host;
    private readonly EnvelopeTransmitter _transmitter;
    private readonly MessagingCounters _counters;
    private readonly int _capacity;
    private readonly DueQueue _due;
    private ulong _lastForgotten;
    private ulong _lastBroadcast;
    private int _count;
    private bool _closed;
    private TaskCompletionSource? _idle;

    public PendingDeliveries(IMessagingHost host, EnvelopeTransmitter transmitter, MessagingCounters counters, int capacity)
    {
        _host = host;
        _transmitter = transmitter;
        _counters = counters;
        _capacity = capacity;
        _due = new DueQueue(host.TimeProvider, _ => OnDue());
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Whether a view shows that one life of a node is over. Of whom it does not know, a client, it shows nothing.</summary>
    public static bool IsGone(ClusterView view, NodeInstance target) =>
        view.Find(target.Id) is { } member && (!member.IsPresent || member.Instance != target);

    /// <summary>Numbers a best-effort message, and says what its result is when it is the only one and gets sent; false when a newer life of the target is known.</summary>
    public bool TryNumber(NodeInstance target, DeliveryLane lane, out ulong sequence, [NotNullWhen(true)] out SendResult? sent)
    {
        lock (_gate)
        {
            var found = TryPeer(target, out var peer);
            sequence = found ? peer!.Next(lane) : 0;
            sent = found ? peer!.Sent : null;
            return found;
        }
    }

    public ulong NumberBroadcast() => Interlocked.Increment(ref _lastBroadcast);

    /// <summary>Starts a delivery. What becomes of it, also when it cannot start, comes by <see cref="PendingDelivery.Completion"/>.</summary>
    public void Begin(PendingDelivery delivery)
    {
        Transmission first;
        lock (_gate)
        {
            if (_closed)
            {
                delivery.End(new Answer(SendOutcome.TimedOut, Refusal.Stopping));
                return;
            }

            if (_count >= _capacity)
            {
                delivery.End(Answer.Refused(Refusal.TooManyPending));
                return;
            }

            if (!TryPeer(delivery.Target, out var peer))
            {
                delivery.End(Gone);
                return;
            }

            _count++;
            delivery.Deadline = _due.Now + delivery.Timeout;
            if (!peer.TryStart(delivery))
            {
                Schedule(delivery, RetrySchedule.Max);
                return;
            }

            first = NextTransmission(delivery);
        }

        Transmit(first);
    }

    /// <summary>Ends a delivery that its caller no longer waits for.</summary>
    public void Abandon(PendingDelivery delivery) => End(delivery, new Answer(SendOutcome.TimedOut));

    /// <summary>A receipt or a reply arrived.</summary>
    public void OnAnswer(NodeInstance from, MessageKind kind, in AnswerFields fields)
    {
        var lane = kind == MessageKind.Reply ? DeliveryLane.Request : DeliveryLane.Reliable;
        PendingDelivery? delivery;
        lock (_gate)
        {
            if (!_peers.TryGetValue(from.Id, out var peer)
                || (delivery = peer.Find(lane, fields.Address.Sequence)) is null
                || fields.IsOtherLife == (peer.Instance == from))
            {
                return;
            }
        }

        End(delivery, fields.ToAnswer(kind));
    }

    /// <summary>A transmission did not reach the network: the next one comes soon instead of after a long silence.</summary>
    public void OnFailure(NodeInstance target, DeliveryLane lane, ulong sequence)
    {
        PendingDelivery? vain = null;
        lock (_gate)
        {
            if (_peers.TryGetValue(target.Id, out var peer) && peer.Instance == target && peer.Find(lane, sequence) is { } delivery)
            {
                delivery.Failures++;
                Schedule(delivery, RetrySchedule.AfterFailure(delivery.Attempts));
                vain = delivery.IsVain ? delivery : null;
            }
        }

        if (vain is not null)
        {
            End(vain, new Answer(SendOutcome.Unreachable, $"no connection in {vain.Attempts} attempts"));
        }
    }

    /// <summary>Ends what is on its way to members that are gone.</summary>
    public void OnViewChanged(ClusterView view)
    {
        lock (_gate)
        {
            foreach (var peer in _peers.Values.Where(peer => IsGone(view, peer.Instance)).ToArray())
            {
                Forget(peer, Gone);
            }
        }
    }

    /// <summary>Completes when nothing is pending.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            return _count == 0 ? Task.CompletedTask : (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends everything as timed out, and takes nothing new.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var peer in _peers.Values.ToArray())
            {
                Forget(peer, new Answer(SendOutcome.TimedOut, Refusal.Stopping));
            }

            _due.Close();
        }
    }

    private static Answer Gone { get; } = new(SendOutcome.Left, "the member left, died or restarted");

    private void OnDue()
    {
        List<Transmission> transmissions = [];
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var now = _due.Now;
            while (_due.TryTake(now, out var delivery))
            {
                if (now >= delivery.Deadline)
                {
                    Remove(delivery, TooLate(delivery));
                    StartWaiting(delivery.Target, transmissions);
                }
                else if (delivery.Sequence == 0)
                {
                    Schedule(delivery, RetrySchedule.Max);
                }
                else
                {
                    transmissions.Add(NextTransmission(delivery));
                }
            }

            _due.Rearm();
        }

        foreach (var transmission in transmissions)
        {
            Transmit(transmission);
        }
    }

    private static Answer TooLate(PendingDelivery delivery) =>
        delivery.Attempts > 0 && delivery.Failures >= delivery.Attempts
            ? new Answer(SendOutcome.Unreachable, $"no connection within {delivery.Timeout}")
            : new Answer(SendOutcome.TimedOut, $"no answer within {delivery.Timeout}");

    private void End(PendingDelivery delivery, in Answer answer)
    {
        List<Transmission> transmissions = [];
        lock (_gate)
        {
            if (delivery.IsOver)
            {
                return;
            }

            Remove(delivery, answer);
            StartWaiting(delivery.Target, transmissions);
        }

        foreach (var transmission in transmissions)
        {
            Transmit(transmission);
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

        var endpoint = view.Find(target.Id) is { } member ? NodeEndpoint.From(member.Address) : NodeEndpoint.Nowhere;
        if (!_transmitter.TrySendFrame(endpoint, transmission.Address, transmission.Body.Span))
        {
            OnFailure(target, transmission.Delivery.Lane, transmission.Address.Sequence);
        }
    }

    // What follows is called with the lock held.

    /// <summary>Finds or makes the peer. A newer life proves that the older one is gone, so that one's deliveries end.</summary>
    private bool TryPeer(NodeInstance target, [NotNullWhen(true)] out OutgoingPeer? peer)
    {
        if (_peers.TryGetValue(target.Id, out peer))
        {
            if (peer.Instance.Generation >= target.Generation)
            {
                return peer.Instance == target;
            }

            Forget(peer, Gone);
        }

        // A life that was forgotten may come back from the dead, and must not see a number twice.
        peer = new OutgoingPeer(target, _lastForgotten);
        _peers.Add(target.Id, peer);
        return true;
    }

    private void Forget(OutgoingPeer peer, in Answer answer)
    {
        foreach (var delivery in peer.Deliveries.ToArray())
        {
            if (!delivery.IsOver)
            {
                Remove(delivery, answer);
            }
        }

        _lastForgotten = Math.Max(_lastForgotten, peer.LastSequence);
        _peers.Remove(peer.Instance.Id);
    }

    private void Remove(PendingDelivery delivery, in Answer answer)
    {
        _peers[delivery.Target.Id].Remove(delivery);
        delivery.End(answer);
        if (--_count == 0)
        {
            _idle?.TrySetResult();
            _idle = null;
        }
    }

    private void StartWaiting(NodeInstance target, List<Transmission> transmissions)
    {
        var peer = _peers[target.Id];
        while (peer.TryStartWaiting(out var delivery))
        {
            transmissions.Add(NextTransmission(delivery));
        }
    }

    private Transmission NextTransmission(PendingDelivery delivery)
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
        return new Transmission(delivery, delivery.Address, delivery.Body);
    }

    private void Schedule(PendingDelivery delivery, TimeSpan wait)
    {
        var due = _due.Now + wait;
        _due.Schedule(delivery, due < delivery.Deadline ? due : delivery.Deadline);
    }

    /// <summary>A copy of what is to be sent, because a delivery may end, and drop its body, while it is being sent.</summary>
    private readonly record struct Transmission(PendingDelivery Delivery, DeliveryAddress Address, ReadOnlyMemory<byte> Body);
}
