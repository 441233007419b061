using System.Diagnostics.CodeAnalysis;
using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>
/// All reliable messages and requests that are not over, from the first transmission to the answer. Each ends exactly once:
/// by an answer, by its timeout, because its target is gone, or because the node stops.
/// </summary>
internal sealed partial class PendingDeliveries
{
    private readonly Lock _gate = new(); // never held while the transport is called
    private readonly Dictionary<NodeId, OutgoingPeer> _peers = [];
    private readonly IMessagingHost _host;
    private readonly EnvelopeTransmitter _transmitter;
    private readonly MessagingCounters _counters;
    private readonly int _capacity;
    private readonly OverflowQueue _overflow;
    private readonly DueQueue _due;
    private ulong _lastForgotten;
    private ulong _lastBroadcast;
    private int _count;
    private bool _closed;
    private TaskCompletionSource? _idle;

    public PendingDeliveries(IMessagingHost host, EnvelopeTransmitter transmitter, MessagingCounters counters, int capacity, int droppable)
    {
        _host = host;
        _transmitter = transmitter;
        _counters = counters;
        _capacity = capacity;
        _overflow = new OverflowQueue(droppable);
        _due = new DueQueue(host.TimeProvider, _ => OnDue());
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count + _overflow.Count;
            }
        }
    }

    /// <summary>How many lives have numbers of their own.</summary>
    public int KnownPeers
    {
        get
        {
            lock (_gate)
            {
                return _peers.Count;
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
            StartWaiting(); // an earlier life of the target may just have been forgotten, which makes room
            if (_idlePeers.Count == 0)
            {
                return found;
            }
        }

        Transmit();
        return sent is not null;
    }

    public ulong NumberBroadcast() => Interlocked.Increment(ref _lastBroadcast);

    /// <summary>Starts a delivery, at once or when there is room for it. What becomes of it, also when it cannot start, comes by <see cref="PendingDelivery.Completion"/>.</summary>
    public void Begin(PendingDelivery delivery, QueueFullMode whenFull)
    {
        lock (_gate)
        {
            if (_closed)
            {
                delivery.End(new Answer(SendOutcome.TimedOut, Refusal.Stopping));
                return;
            }

            delivery.Deadline = _due.Now + delivery.Timeout;
            if (_count < _capacity)
            {
                Start(delivery);
            }
            else if (whenFull == QueueFullMode.Fail)
            {
                delivery.End(Answer.Refused(Refusal.TooManyPending));
            }
            else
            {
                Schedule(delivery, RetrySchedule.Max);
                if (_overflow.Add(delivery, whenFull == QueueFullMode.DropOldest) is { } oldest)
                {
                    Remove(oldest, Answer.Refused(Refusal.Dropped));
                }
            }

            StartWaiting();
        }

        Transmit();
    }

    /// <summary>Ends a delivery that its caller no longer waits for.</summary>
    public void Abandon(PendingDelivery delivery) => End(delivery, new Answer(SendOutcome.TimedOut));

    /// <summary>A receipt or a reply arrived.</summary>
    public void OnAnswer(NodeInstance from, MessageKind kind, in AnswerFields fields, PartStore parts)
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

        End(delivery, fields.ToAnswer(kind, from, parts));
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

    /// <summary>Ends what is on its way to members that are gone, and forgets clients that have left.</summary>
    public void OnViewChanged(ClusterView view)
    {
        lock (_gate)
        {
            foreach (var peer in _peers.Values.Where(peer => peer.IsIdle && view.Find(peer.Instance.Id) is null && _host.Clients.Find(peer.Instance.Id) != peer.Instance).ToArray())
            {
                Forget(peer, Gone);
            }

            foreach (var peer in _peers.Values.Where(peer => IsGone(view, peer.Instance)).ToArray())
            {
                Forget(peer, Gone);
            }

            StartWaiting();
        }

        Transmit();
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

            while (_overflow.TryTake(out var delivery))
            {
                delivery.End(new Answer(SendOutcome.TimedOut, Refusal.Stopping));
            }

            StartWaiting();
            _due.Close();
        }
    }

    private static Answer Gone { get; } = new(SendOutcome.Left, "the member left, died or restarted");

    private void OnDue()
    {
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
                    StartWaiting(delivery.Target);
                    StartWaiting();
                }
                else if (delivery.Sequence == 0)
                {
                    Schedule(delivery, RetrySchedule.Max);
                }
                else
                {
                    Enqueue(delivery);
                }
            }

            _due.Rearm();
        }

        Transmit();
    }

    private static Answer TooLate(PendingDelivery delivery) =>
        delivery.Waiting is not null ? new Answer(SendOutcome.TimedOut, $"{Refusal.TooManyPending}, for {delivery.Timeout}")
            : delivery.Attempts > 0 && delivery.Failures >= delivery.Attempts
            ? new Answer(SendOutcome.Unreachable, $"no connection within {delivery.Timeout}")
            : new Answer(SendOutcome.TimedOut, $"no answer within {delivery.Timeout}");

    private void End(PendingDelivery delivery, in Answer answer)
    {
        lock (_gate)
        {
            if (delivery.IsOver)
            {
                return;
            }

            Remove(delivery, answer);
            StartWaiting(delivery.Target);
            StartWaiting();
        }

        Transmit();
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

    private void Start(PendingDelivery delivery)
    {
        if (!TryPeer(delivery.Target, out var peer))
        {
            delivery.End(Gone);
            return;
        }

        _count++;
        if (peer.TryStart(delivery))
        {
            Enqueue(delivery);
        }
        else
        {
            Schedule(delivery, RetrySchedule.Max);
        }
    }

    private void Remove(PendingDelivery delivery, in Answer answer)
    {
        if (delivery.Waiting is not null)
        {
            _overflow.Remove(delivery);
            delivery.End(answer);
            return;
        }

        _peers[delivery.Target.Id].Remove(delivery);
        delivery.End(answer);
        _count--;
    }

    private void StartWaiting(NodeInstance target)
    {
        while (_peers.TryGetValue(target.Id, out var peer) && peer.TryStartWaiting(out var delivery))
        {
            Enqueue(delivery);
        }
    }

    /// <summary>Starts those that have waited for room, as far as there is some now.</summary>
    private void StartWaiting()
    {
        while (_count < _capacity && _overflow.TryTake(out var delivery))
        {
            Start(delivery);
        }

        if (_count == 0)
        {
            _idle?.TrySetResult();
            _idle = null;
        }
    }

    private void Schedule(PendingDelivery delivery, TimeSpan wait)
    {
        var due = _due.Now + wait;
        _due.Schedule(delivery, due < delivery.Deadline ? due : delivery.Deadline);
    }
}
