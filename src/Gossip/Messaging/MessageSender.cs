using System.Collections.Immutable;
using System.Diagnostics;
using Gossip.Diagnostics;
using Gossip.Transport;

namespace Gossip.Messaging;

/// <summary>Sends: finds the targets, encodes once for all of them, and delivers in the way that was asked for.</summary>
internal sealed class MessageSender(
    IMessagingHost host, PendingDeliveries pending, EnvelopeTransmitter transmitter, MessagingCounters counters, CancellationToken stopped)
{
    public async ValueTask<SendResult> SendAsync(
        Target target, int type, MessagePayload payload, SendOptions options, CancellationToken cancellationToken)
    {
        using var activity = GossipTracing.StartSend("gossip.send", type, ActivityKind.Producer);
        MessageLimits.Check(payload, options.Headers, options.Timeout);
        var headers = GossipTracing.Inject(activity, options.Headers);
        cancellationToken.ThrowIfCancellationRequested();
        var recipients = target.Select(host.View).ToImmutableArray();
        if (recipients.IsEmpty)
        {
            return new SendResult([]);
        }

        var reliable = options.Delivery == Delivery.Reliable;
        var body = Encode(reliable ? MessageMode.Reliable : MessageMode.BestEffort, type, payload, headers, options.Timeout);
        if (reliable)
        {
            return new SendResult(await SendReliableAsync(recipients, body, options.Timeout, cancellationToken).ConfigureAwait(false));
        }

        if (ReferenceEquals(target, Target.All) && await TryBroadcastAsync(body, options.Timeout, cancellationToken).ConfigureAwait(false) is { } outcome)
        {
            return new SendResult([.. recipients.Select(recipient => new TargetResult(recipient.Instance, outcome.Outcome, outcome.Error))]);
        }

        return new SendResult(await SendBestEffortAsync(recipients, body, options.Timeout, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks one node. The caller's cancellation is passed on to the remote handler.</summary>
    public async Task<(NodeInstance Target, Answer Answer)> RequestAsync(
        NodeId to, int type, MessagePayload payload, RequestOptions options, CancellationToken cancellationToken)
    {
        using var activity = GossipTracing.StartSend("gossip.request", type, ActivityKind.Client);
        MessageLimits.Check(payload, options.Headers, options.Timeout);
        var headers = GossipTracing.Inject(activity, options.Headers);
        cancellationToken.ThrowIfCancellationRequested();
        var view = host.View;
        if (to == view.Local.Id)
        {
            return (view.Local.Instance, new Answer(SendOutcome.Unreachable, "a node does not send to itself"));
        }

        var member = view.Find(to);
        var recipient = new Target.Recipient(member?.Instance ?? new NodeInstance(to, 0), member);
        if (Obstacle(recipient) is { } obstacle)
        {
            return (recipient.Instance, obstacle);
        }

        var body = Encode(MessageMode.Request, type, payload, headers, options.Timeout);
        var delivery = new PendingDelivery(recipient.Instance, DeliveryLane.Request, body, options.Timeout);
        pending.Begin(delivery);
        try
        {
            return (recipient.Instance, await delivery.Completion.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            pending.Abandon(delivery);
            transmitter.SendCancel(Endpoint(recipient), delivery.Address);
            throw;
        }
    }

    private static NodeEndpoint Endpoint(in Target.Recipient recipient) => NodeEndpoint.From(recipient.Member!.Address);

    /// <summary>Null, or why nothing can be sent to a recipient.</summary>
    private static Answer? Obstacle(in Target.Recipient recipient) => recipient.Member switch
    {
        null => new Answer(SendOutcome.Unreachable, "the node is not known"),
        { IsPresent: false } member => new Answer(SendOutcome.Left, $"the member is {member.State}"),
        _ => null,
    };

    private ReadOnlyMemory<byte> Encode(
        MessageMode mode, int type, in MessagePayload payload, IReadOnlyDictionary<string, string>? headers, TimeSpan timeout) =>
        Envelope.EncodeBody(mode, type, payload, host.TimeProvider.GetUtcNow(), headers, timeout);

    private async Task<ImmutableArray<TargetResult>> SendReliableAsync(
        ImmutableArray<Target.Recipient> recipients, ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deliveries = new PendingDelivery[recipients.Length];
        for (var i = 0; i < deliveries.Length; i++)
        {
            deliveries[i] = new PendingDelivery(recipients[i].Instance, DeliveryLane.Reliable, body, timeout);
            if (Obstacle(recipients[i]) is { } obstacle)
            {
                deliveries[i].End(obstacle);
            }
            else
            {
                pending.Begin(deliveries[i]);
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

    /// <summary>Null when the message is too large to be gossiped; timed out when the queue for broadcasts stayed full.</summary>
    private async ValueTask<Answer?> TryBroadcastAsync(ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, host.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken, stopped);
        try
        {
            var envelope = DataPacket.Broadcast(pending.NumberBroadcast(), body.Span);
            if (!await host.Broadcasts.TryBroadcastAsync(envelope, either.Token).ConfigureAwait(false))
            {
                return null;
            }

            counters.CountSent();
            return new Answer(SendOutcome.Sent);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(SendOutcome.TimedOut, $"the queue for broadcasts stayed full for {timeout}");
        }
    }

    private async Task<ImmutableArray<TargetResult>> SendBestEffortAsync(
        ImmutableArray<Target.Recipient> recipients, ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var results = new TargetResult[recipients.Length];
        List<Task>? waits = null; // for peers whose queue is full
        for (var i = 0; i < results.Length; i++)
        {
            var answer = TrySendBestEffort(recipients[i], body.Span, out var address);
            if (answer is { Outcome: SendOutcome.TimedOut })
            {
                (waits ??= []).Add(WaitAsync(results, i, recipients[i], address));
            }
            else
            {
                results[i] = new TargetResult(recipients[i].Instance, answer?.Outcome ?? SendOutcome.Sent, answer?.Error);
            }
        }

        if (waits is not null)
        {
            await Task.WhenAll(waits).ConfigureAwait(false);
        }

        return [.. results];

        async Task WaitAsync(TargetResult[] results, int index, Target.Recipient recipient, DeliveryAddress address)
        {
            var answer = await SendBestEffortFrameAsync(recipient, address, body, timeout, cancellationToken).ConfigureAwait(false);
            results[index] = new TargetResult(recipient.Instance, answer.Outcome, answer.Error);
        }
    }

    /// <summary>Null when the message was handed to the network, timed out when the peer's queue is full.</summary>
    private Answer? TrySendBestEffort(in Target.Recipient recipient, ReadOnlySpan<byte> body, out DeliveryAddress address)
    {
        address = default;
        if (Obstacle(recipient) is { } obstacle)
        {
            return obstacle;
        }

        var datagram = transmitter.FitsDatagram(recipient.Member!, body.Length);
        if (!pending.TryNumber(recipient.Instance, datagram ? DeliveryLane.Datagram : DeliveryLane.Frame, out var sequence))
        {
            return new Answer(SendOutcome.Left, "the member has restarted");
        }

        address = new DeliveryAddress(recipient.Instance, sequence);
        if (datagram)
        {
            if (!transmitter.TrySendDatagram(Endpoint(recipient), address, body))
            {
                return new Answer(SendOutcome.Unreachable, "this host could not send the datagram");
            }
        }
        else if (!transmitter.TrySendFrame(Endpoint(recipient), address, body))
        {
            return new Answer(SendOutcome.TimedOut);
        }

        counters.CountSent();
        return null;
    }

    private async Task<Answer> SendBestEffortFrameAsync(
        Target.Recipient recipient, DeliveryAddress address, ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, host.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken, stopped);
        try
        {
            await transmitter.SendFrameAsync(Endpoint(recipient), address, body.Span, either.Token).ConfigureAwait(false);
            counters.CountSent();
            return new Answer(SendOutcome.Sent);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(SendOutcome.TimedOut, $"the queue to the member stayed full for {timeout}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new Answer(SendOutcome.Unreachable, e.Message);
        }
    }
}
