namespace Gossip.Messaging;

/// <summary>
/// The sending side of all lanes to one life of a node: it numbers messages without gaps, and holds reliable ones back
/// while the target's window could forget an unfinished one. Guarded by <see cref="PendingDeliveries"/>.
/// </summary>
internal sealed class OutgoingPeer(NodeInstance instance, ulong lastSequence)
{
    private readonly Dictionary<(DeliveryLane, ulong), PendingDelivery> _unfinished = [];
    private readonly Queue<PendingDelivery> _waiting = new();
    private ulong _oldest = lastSequence + 1; // reliable
    private readonly ulong[] _last = [.. Enumerable.Repeat(lastSequence, (int)DeliveryLane.Broadcast)];

    public NodeInstance Instance { get; } = instance;

    /// <summary>What is to be sent, in the order of the numbers.</summary>
    public Queue<Transmission> Outbox { get; } = new();

    /// <summary>Whether a thread is sending, or is about to.</summary>
    public bool IsTransmitting { get; set; }

    /// <summary>The result of a best-effort message to it alone: always the same, so it is made once.</summary>
    public SendResult Sent { get; } = new([new TargetResult(instance, SendOutcome.Sent, null)]);

    public IEnumerable<PendingDelivery> Deliveries => _unfinished.Values.Concat(_waiting);

    /// <summary>Whether nothing is on its way to it, and nothing waits to be.</summary>
    public bool IsIdle => _unfinished.Count == 0 && _waiting.Count == 0 && Outbox.Count == 0 && !IsTransmitting;

    public ulong LastSequence => _last.Max();

    public ulong Next(DeliveryLane lane) => ++_last[(int)lane];

    public PendingDelivery? Find(DeliveryLane lane, ulong sequence) => _unfinished.GetValueOrDefault((lane, sequence));

    /// <summary>
    /// Numbers a delivery; false when it has to wait for an older one to end. A request may take long by intention, so no
    /// other waits for it.
    /// </summary>
    public bool TryStart(PendingDelivery delivery)
    {
        if (delivery.Lane != DeliveryLane.Reliable || (_waiting.Count == 0 && HasRoom()))
        {
            Start(delivery);
            return true;
        }

        _waiting.Enqueue(delivery);
        return false;
    }

    /// <summary>Where a delivery goes, and for a reliable one how far it is ahead of the oldest that is not finished: its target need not wait for those before.</summary>
    public DeliveryAddress AddressOf(PendingDelivery delivery)
    {
        if (delivery.Lane != DeliveryLane.Reliable)
        {
            return delivery.Address;
        }

        while (_oldest < delivery.Sequence && !_unfinished.ContainsKey((DeliveryLane.Reliable, _oldest)))
        {
            _oldest++;
        }

        return new DeliveryAddress(Instance, delivery.Sequence, delivery.Sequence - Math.Min(_oldest, delivery.Sequence));
    }

    public void Remove(PendingDelivery delivery)
    {
        if (delivery.Sequence != 0)
        {
            _unfinished.Remove((delivery.Lane, delivery.Sequence));
        }
    }

    /// <summary>Numbers the next waiting delivery when there is room for it now.</summary>
    public bool TryStartWaiting(out PendingDelivery delivery)
    {
        while (_waiting.TryPeek(out delivery!))
        {
            if (delivery.IsOver)
            {
                _waiting.Dequeue();
            }
            else if (HasRoom())
            {
                Start(_waiting.Dequeue());
                return true;
            }
            else
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>
    /// A new sequence pushes the one a window's size before it out of the target's memory, so that one must be over. Older
    /// ones are then over too. (Before the first 1024 the subtraction wraps, to a sequence that nobody has.)
    /// </summary>
    private bool HasRoom() =>
        !_unfinished.ContainsKey((DeliveryLane.Reliable, _last[(int)DeliveryLane.Reliable] + 1 - DeliveryWindow.Size));

    private void Start(PendingDelivery delivery)
    {
        delivery.Sequence = Next(delivery.Lane);
        _unfinished.Add((delivery.Lane, delivery.Sequence), delivery);
    }
}

/// <summary>A copy of what is to be sent, because a delivery may end, and drop its body, while it is being sent.</summary>
internal readonly record struct Transmission(PendingDelivery Delivery, DeliveryAddress Address, ReadOnlyMemory<byte> Body);
