using System.Collections.Concurrent;

namespace Gossip.Messaging;

/// <summary>Publications of this node for subscriptions of this node: as bounded and as much apart from who sends them as those that come from others.</summary>
internal sealed class LocalPublications
{
    /// <summary>The subscriptions are looked up when a place is free, so the dispatcher has no handler to keep.</summary>
    private static readonly HandlerEntry Place = new(static (_, _) => default, HandlerOptions.Checked(null));

    private readonly IMessagingHost _host;
    private readonly TopicDelivery _delivery;
    private readonly HandlerDispatcher _dispatcher;
    private readonly CancellationToken _stopped;
    private readonly ConcurrentDictionary<MessageContext, (Publication Publication, TaskCompletionSource<Answer> Done)> _waiting = new(ReferenceEqualityComparer.Instance);

    public LocalPublications(IMessagingHost host, TopicDelivery delivery, MessagingOptions options, CancellationToken stopped)
    {
        (_host, _delivery, _stopped) = (host, delivery, stopped);
        _dispatcher = new HandlerDispatcher(options, host.TimeProvider, RunAsync);
    }

    /// <summary>Completes when no handler runs and none waits.</summary>
    public Task WhenIdle() => _dispatcher.WhenIdle();

    /// <summary>Delivers a publication: best effort only as far as to say that it has a place.</summary>
    public async Task<Answer> DeliverAsync(Publication publication, MessageContext message, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[message] = (publication, done);
        var lane = message.Delivery == Delivery.Reliable ? DeliveryLane.Reliable : DeliveryLane.Frame;
        if (!_dispatcher.TryEnqueue(new InboundMessage(Place, message, lane, timeout, _host.TimeProvider.GetTimestamp(), connection: null, cancellation: null)))
        {
            _waiting.TryRemove(message, out _);
            return Answer.Refused(Refusal.Overloaded);
        }

        if (message.Delivery == Delivery.BestEffort)
        {
            return new Answer(SendOutcome.Sent);
        }

        try
        {
            return await done.Task.WaitAsync(timeout, _host.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new Answer(SendOutcome.TimedOut, $"not handled within {timeout}");
        }
    }

    /// <summary>Takes nothing new, and gives up what has not started.</summary>
    public void Close()
    {
        foreach (var message in _dispatcher.Close())
        {
            if (_waiting.TryRemove(message.Context, out var work))
            {
                work.Done.TrySetResult(Answer.Refused(Refusal.Stopping));
            }
        }
    }

    private async ValueTask RunAsync(InboundMessage message)
    {
        if (!_waiting.TryRemove(message.Context, out var work))
        {
            return;
        }

        var isLate = message.IsAnswered && _host.TimeProvider.GetElapsedTime(message.Arrived) >= message.Timeout;
        work.Done.TrySetResult(isLate ? Answer.Refused(Refusal.Expired) : await _delivery.DeliverAsync(work.Publication, message.Context, _stopped).ConfigureAwait(false));
    }
}
