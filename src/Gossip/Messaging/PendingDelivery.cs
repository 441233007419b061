namespace Gossip.Messaging;

/// <summary>A reliable message or a request on its way to one target. Its state is guarded by <see cref="PendingDeliveries"/>.</summary>
internal sealed class PendingDelivery(NodeInstance target, DeliveryLane lane, ReadOnlyMemory<byte> body, TimeSpan timeout, bool endsEarly = false)
{
    /// <summary>So many attempts take some tenths of a second: longer than a connection that has just broken needs to be dialled anew.</summary>
    private const int VainAttempts = 4;

    private readonly TaskCompletionSource<Answer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NodeInstance Target { get; } = target;

    public DeliveryLane Lane { get; } = lane;

    public TimeSpan Timeout { get; } = timeout;

    /// <summary>What is sent; empty once the delivery is over, so that a large message is not kept by the timer's queue.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; } = body;

    public Task<Answer> Completion => _answer.Task;

    /// <summary>0 until there is room in the target's window.</summary>
    public ulong Sequence { get; set; }

    public DeliveryAddress Address => new(Target, Sequence);

    public TimeSpan Deadline { get; set; }

    /// <summary>When to look at the delivery again: to send it once more, or to give up.</summary>
    public TimeSpan Due { get; set; }

    public int Attempts { get; set; }

    /// <summary>How many attempts are known not to have reached the network.</summary>
    public int Failures { get; set; }

    /// <summary>Its place among those that wait for room; null for one that does not.</summary>
    public LinkedListNode<PendingDelivery>? Waiting { get; set; }

    /// <summary>Whether it ends now, because no attempt reached the network and its sender would rather have another target.</summary>
    public bool IsVain => endsEarly && Attempts >= VainAttempts && Failures >= Attempts;

    public bool IsOver { get; private set; }

    public void End(in Answer answer)
    {
        IsOver = true;
        Body = default;
        _answer.TrySetResult(answer);
    }
}
