using System.Collections.Immutable;
using System.Diagnostics;
using Gossip.Diagnostics;

namespace Gossip.Messaging;

/// <summary>Sends: finds the targets, encodes once for all of them, and delivers in the way that was asked for.</summary>
internal sealed class MessageSender(
    IMessagingHost host, PendingDeliveries pending, EnvelopeTransmitter transmitter, BestEffortSender bestEffort, PartSender parts, int maxMessage)
{
    public ValueTask<SendResult> SendAsync(
        Target target, int type, MessagePayload payload, SendOptions options, CancellationToken cancellationToken)
    {
        if (options.Delivery != Delivery.BestEffort || target.OnlyNode.IsNone || GossipTracing.HasListeners || cancellationToken.IsCancellationRequested)
        {
            return SendToAllAsync(target, type, payload, options, cancellationToken);
        }

        // Such a message is over, as a rule, when it was handed to the network: nothing has to outlive the call, and nothing is allocated.
        try
        {
            MessageLimits.Check(payload, options.Headers, options.Timeout);
            return bestEffort.SendAsync(target.OnlyNode, type, payload, options, cancellationToken);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<SendResult>(e); // where all other sends have their errors
        }
    }

    /// <summary>Asks one node. The caller's cancellation is passed on to the remote handler.</summary>
    public async Task<(NodeInstance Target, Answer Answer)> RequestAsync(
        NodeId to, int type, MessagePayload payload, RequestOptions options, CancellationToken cancellationToken)
    {
        using var activity = GossipTracing.StartSend("gossip.request", type, ActivityKind.Client);
        MessageLimits.Check(payload, options.Headers, options.Timeout, maxMessage);
        var headers = GossipTracing.Inject(activity, options.Headers);
        cancellationToken.ThrowIfCancellationRequested();
        var view = host.View;
        if (to == view.Local.Id)
        {
            return (view.Local.Instance, new Answer(SendOutcome.Unreachable, "a node does not send to itself"));
        }

        var recipient = Target.Recipient.Of(view, to).OrClient(host.Clients);
        if (recipient.Obstacle is { } obstacle)
        {
            return (recipient.Instance, obstacle);
        }

        var ahead = await SendAheadAsync(recipient.Instance, parts.Cut(payload), payload, options.Timeout, cancellationToken).ConfigureAwait(false);
        if (ahead.Obstacle is { } missing)
        {
            return (recipient.Instance, missing);
        }

        var body = Encode(MessageMode.Request, type, payload, headers, ahead.TimeLeft, ahead.Parts);
        var delivery = new PendingDelivery(recipient.Instance, DeliveryLane.Request, body, ahead.TimeLeft);
        pending.Begin(delivery, QueueFullMode.Fail);
        try
        {
            return (recipient.Instance, await delivery.Completion.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            pending.Abandon(delivery);
            transmitter.SendCancel(recipient.Endpoint, delivery.Address);
            throw;
        }
    }

    /// <summary>Asks one node until it answers, for as long as the request may take: whichever life of it, whatever became of earlier ones.</summary>
    public async Task<(NodeInstance Target, Answer Answer)> RequestAgainAsync(
        NodeId to, int type, MessagePayload payload, RequestOptions options, CancellationToken cancellationToken)
    {
        var start = host.TimeProvider.GetTimestamp();
        for (var (attempts, rest) = (1, options.Timeout); ; attempts++)
        {
            var (target, answer) = await RequestAsync(to, type, payload, options with { Timeout = rest }, cancellationToken).ConfigureAwait(false);
            var wait = RetrySchedule.AfterFailure(attempts);
            rest = options.Timeout - host.TimeProvider.GetElapsedTime(start) - wait;
            if (answer.Outcome is not (SendOutcome.Refused or SendOutcome.Unreachable or SendOutcome.Left) || to == host.Self.Id || rest <= TimeSpan.Zero)
            {
                return (target, answer);
            }

            await Task.Delay(wait, host.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<SendResult> SendToAllAsync(
        Target target, int type, MessagePayload payload, SendOptions options, CancellationToken cancellationToken)
    {
        using var activity = GossipTracing.StartSend("gossip.send", type, ActivityKind.Producer);
        MessageLimits.Check(payload, options.Headers, options.Timeout, options.Delivery == Delivery.Reliable ? maxMessage : null);
        var headers = GossipTracing.Inject(activity, options.Headers);
        cancellationToken.ThrowIfCancellationRequested();
        var recipients = target.Select(host).ToImmutableArray();
        if (recipients.IsEmpty)
        {
            return new SendResult([]);
        }

        var result = await SendToAllAsync(target, recipients, type, payload, headers, options, cancellationToken).ConfigureAwait(false);
        if (ReferenceEquals(target, Target.All) && host.Hooks.Wants<BroadcastSent>())
        {
            host.Hooks.Publish(new BroadcastSent(type, payload.Size, result));
        }

        return result;
    }

    private async ValueTask<SendResult> SendToAllAsync(
        Target target,
        ImmutableArray<Target.Recipient> recipients,
        int type,
        MessagePayload payload,
        IReadOnlyDictionary<string, string>? headers,
        SendOptions options,
        CancellationToken cancellationToken)
    {
        if (options.Delivery == Delivery.Reliable)
        {
            var list = parts.Cut(payload);
            var body = Encode(MessageMode.Reliable, type, payload, headers, options.Timeout, list);
            return new SendResult(list.IsEmpty
                ? await SendReliableAsync(recipients, body, options, cancellationToken).ConfigureAwait(false)
                : await SendLargeAsync(recipients, list, payload, body, options, cancellationToken).ConfigureAwait(false));
        }

        if (ReferenceEquals(target, Target.All)
            && await bestEffort.TryBroadcastAsync(type, payload, headers, options.Timeout, cancellationToken).ConfigureAwait(false) is { } outcome)
        {
            return new SendResult([.. recipients.Select(recipient => new TargetResult(recipient.Instance, outcome.Outcome, outcome.Error))]);
        }

        var message = Encode(MessageMode.BestEffort, type, payload, headers, options.Timeout);
        return new SendResult(await bestEffort.SendAsync(recipients, message, options, cancellationToken).ConfigureAwait(false));
    }

    private ReadOnlyMemory<byte> Encode(
        MessageMode mode, int type, in MessagePayload payload, IReadOnlyDictionary<string, string>? headers, TimeSpan timeout, PartList list = default) =>
        Envelope.EncodeBody(mode, type, PartSender.EndOf(payload, list), host.TimeProvider.GetUtcNow(), headers, timeout, list);

    /// <summary>Sends what of a payload does not fit a frame, and says how much of the timeout is left then.</summary>
    private async ValueTask<(PartList Parts, TimeSpan TimeLeft, Answer? Obstacle)> SendAheadAsync(
        NodeInstance to, PartList list, MessagePayload payload, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (list.IsEmpty)
        {
            return (list, timeout, null);
        }

        var start = host.TimeProvider.GetTimestamp();
        var obstacle = await parts.SendAsync(to, list, payload.Encoded, timeout, cancellationToken).ConfigureAwait(false);
        var rest = timeout - host.TimeProvider.GetElapsedTime(start);
        return (list, rest, obstacle ?? (rest <= TimeSpan.Zero ? new Answer(SendOutcome.TimedOut, $"its parts had not all arrived within {timeout}") : null));
    }

    /// <summary>Sends a message that is larger than a frame: to each target all of its parts, then what bears its end.</summary>
    private async Task<ImmutableArray<TargetResult>> SendLargeAsync(
        ImmutableArray<Target.Recipient> recipients, PartList list, MessagePayload payload, ReadOnlyMemory<byte> body, SendOptions options, CancellationToken cancellationToken)
    {
        return [.. await Task.WhenAll(recipients.Select(SendAsync)).ConfigureAwait(false)];

        async Task<TargetResult> SendAsync(Target.Recipient recipient)
        {
            if (recipient.Obstacle is { } obstacle)
            {
                return new TargetResult(recipient.Instance, obstacle.Outcome, obstacle.Error);
            }

            var ahead = await SendAheadAsync(recipient.Instance, list, payload, options.Timeout, cancellationToken).ConfigureAwait(false);
            return ahead.Obstacle is { } missing
                ? new TargetResult(recipient.Instance, missing.Outcome, missing.Error)
                : (await SendReliableAsync([recipient], body, options with { Timeout = ahead.TimeLeft }, cancellationToken).ConfigureAwait(false))[0];
        }
    }

    private async Task<ImmutableArray<TargetResult>> SendReliableAsync(
        ImmutableArray<Target.Recipient> recipients, ReadOnlyMemory<byte> body, SendOptions options, CancellationToken cancellationToken)
    {
        var deliveries = new PendingDelivery[recipients.Length];
        for (var i = 0; i < deliveries.Length; i++)
        {
            deliveries[i] = new PendingDelivery(recipients[i].Instance, DeliveryLane.Reliable, body, options.Timeout, options.EndsEarly);
            if (recipients[i].Obstacle is { } obstacle)
            {
                deliveries[i].End(obstacle);
            }
            else
            {
                pending.Begin(deliveries[i], options.WhenFull);
            }
        }

        try
        {
            var answers = await Task.WhenAll(deliveries.Select(delivery => delivery.Completion)).WaitAsync(cancellationToken).ConfigureAwait(false);
            return [.. answers.Select((answer, i) => new TargetResult(recipients[i].Instance, answer.Outcome, answer.Error))];
        }
        catch (OperationCanceledException)
        {
            foreach (var delivery in deliveries)
            {
                pending.Abandon(delivery);
            }

            throw;
        }
    }
}
