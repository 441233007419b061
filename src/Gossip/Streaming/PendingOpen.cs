using Gossip.Messaging;

namespace Gossip.Streaming;

/// <summary>A stream that was asked for and not answered yet. Its end is claimed once: by the answer, by whoever gives up, or because the other side is gone.</summary>
internal sealed class PendingOpen(NodeInstance target, StreamTerms terms, StreamPlace place)
{
    private int _claimed;
    private int _failures;

    public NodeInstance Target => target;

    public StreamTerms Terms => terms;

    public StreamPlace Place => place;

    /// <summary>The question, to be sent again when it did not reach the network.</summary>
    public byte[] Packet { get; init; } = [];

    public TaskCompletionSource<GossipStream> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsClaimed => Volatile.Read(ref _claimed) != 0;

    /// <summary>Whether the question never left this host, as far as is known.</summary>
    public bool IsUnsent { get; private set; }

    public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    /// <summary>Ends it without a stream.</summary>
    public void Fail(Exception error)
    {
        if (TryClaim())
        {
            place.Release();
            Done.TrySetException(error);
        }
    }

    public void OnSent() => IsUnsent = false;

    /// <summary>The question did not reach the network.</summary>
    /// <returns>How long to wait before it is sent again.</returns>
    public TimeSpan OnUnsent()
    {
        IsUnsent = true;
        return RetrySchedule.AfterFailure(Interlocked.Increment(ref _failures));
    }
}
