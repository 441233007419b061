using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Gossip.Wire;

namespace Gossip.Messaging;

/// <summary>Hands messages to the network once. One to a single node is encoded in rented memory and leaves nothing to collect.</summary>
internal sealed class BestEffortSender(
    IMessagingHost host, PendingDeliveries pending, EnvelopeTransmitter transmitter, PayloadCompression compression, MessagingCounters counters, RoomWaits rooms)
{
    /// <summary>Sends to one node. It is over at once, unless the message takes a frame and the peer's queue is full.</summary>
    public ValueTask<SendResult> SendAsync(NodeId to, int type, in MessagePayload payload, SendOptions options, CancellationToken cancellationToken)
    {
        var view = host.View;
        if (to == view.Local.Id)
        {
            return new ValueTask<SendResult>(new SendResult([]));
        }

        var recipient = Target.Recipient.Of(view, to).OrClient(host.Clients);
        var content = options.MayCompress ? compression.CompressFor(recipient.Member, payload) : payload;
        var buffer = ArrayPool<byte>.Shared.Rent(Envelope.BodySizeBound(content, options.Headers));
        try
        {
            var writer = new WireWriter(buffer);
            Envelope.WriteBody(
                ref writer, MessageMode.BestEffort, type, content, host.TimeProvider.GetUtcNow(), options.Headers, options.Timeout);
            return SendAsync(recipient, buffer.AsMemory(0, writer.Position), options, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public async ValueTask<ImmutableArray<TargetResult>> SendAsync(
        ImmutableArray<Target.Recipient> recipients, ReadOnlyMemory<byte> body, SendOptions options, CancellationToken cancellationToken)
    {
        var results = new TargetResult[recipients.Length];
        List<Task>? waits = null; // for peers whose queue is full
        for (var i = 0; i < results.Length; i++)
        {
            var answer = TrySend(recipients[i], body.Span, out var address, out _);
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

        return ImmutableCollectionsMarshal.AsImmutableArray(results);

        async Task WaitAsync(TargetResult[] results, int index, Target.Recipient recipient, DeliveryAddress address) =>
            results[index] = await SendFrameAsync(recipient, address, body, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Null when the message cannot be gossiped; timed out when the queue for broadcasts stayed full.</summary>
    public async ValueTask<Answer?> TryBroadcastAsync(
        int type, MessagePayload payload, IReadOnlyDictionary<string, string>? headers, SendOptions options, CancellationToken cancellationToken)
    {
        using var wait = rooms.Begin(default, QueueFullMode.Wait, options.Timeout, cancellationToken);
        try
        {
            var content = options.MayCompress ? compression.CompressForAll(payload) : payload;
            var envelope = Envelope.EncodeBroadcast(pending.NumberBroadcast(), type, content, host.TimeProvider.GetUtcNow(), headers);
            if (!await host.Broadcasts.TryBroadcastAsync(envelope, wait.Token).ConfigureAwait(false))
            {
                return null;
            }

            counters.CountSent();
            return new Answer(SendOutcome.Sent);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(SendOutcome.TimedOut, $"too many broadcasts were on their way for {options.Timeout}");
        }
    }

    /// <summary>The body need not outlive the call, even where the send does.</summary>
    private ValueTask<SendResult> SendAsync(
        Target.Recipient recipient, ReadOnlyMemory<byte> body, SendOptions options, CancellationToken cancellationToken)
    {
        return TrySend(recipient, body.Span, out var address, out var sent) switch
        {
            null => new ValueTask<SendResult>(sent!),
            { Outcome: SendOutcome.TimedOut } => WaitAsync(SendFrameAsync(recipient, address, body, options, cancellationToken)),
            { } answer => new ValueTask<SendResult>(new SendResult([new TargetResult(recipient.Instance, answer.Outcome, answer.Error)])),
        };

        static async ValueTask<SendResult> WaitAsync(Task<TargetResult> sending) => new([await sending.ConfigureAwait(false)]);
    }

    /// <summary>Null when the message was handed to the network, timed out when the peer's queue is full.</summary>
    private Answer? TrySend(in Target.Recipient recipient, ReadOnlySpan<byte> body, out DeliveryAddress address, out SendResult? sent)
    {
        address = default;
        sent = null;
        if (recipient.Obstacle is { } obstacle)
        {
            return obstacle;
        }

        var datagram = transmitter.FitsDatagram(recipient.Member, body.Length);
        if (!pending.TryNumber(recipient.Instance, datagram ? DeliveryLane.Datagram : DeliveryLane.Frame, out var sequence, out sent))
        {
            return new Answer(SendOutcome.Left, "the member has restarted");
        }

        address = new DeliveryAddress(recipient.Instance, sequence);
        if (datagram)
        {
            if (!transmitter.TrySendDatagram(recipient.Endpoint, address, body))
            {
                return new Answer(SendOutcome.Unreachable, "this host could not send the datagram");
            }
        }
        else if (!transmitter.TrySendFrame(recipient.Endpoint, address, body))
        {
            return recipient.IsClient
                ? new Answer(SendOutcome.Unreachable, "the client is not connected any more, or takes nothing")
                : new Answer(SendOutcome.TimedOut);
        }

        counters.CountSent();
        return null;
    }

    /// <summary>Waits for room in the peer's queue. The body is copied before the first wait, so that it may be given back once this returns.</summary>
    private async Task<TargetResult> SendFrameAsync(
        Target.Recipient recipient, DeliveryAddress address, ReadOnlyMemory<byte> body, SendOptions options, CancellationToken cancellationToken)
    {
        if (options.WhenFull == QueueFullMode.Fail)
        {
            return new TargetResult(recipient.Instance, SendOutcome.Refused, Refusal.QueueFull);
        }

        using var wait = rooms.Begin(recipient.Instance.Id, options.WhenFull, options.Timeout, cancellationToken);
        try
        {
            await transmitter.SendFrameAsync(recipient.Endpoint, address, body.Span, wait.Token).ConfigureAwait(false);
            counters.CountSent();
            return new TargetResult(recipient.Instance, SendOutcome.Sent, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return wait.IsDropped
                ? new TargetResult(recipient.Instance, SendOutcome.Refused, Refusal.Dropped)
                : new TargetResult(recipient.Instance, SendOutcome.TimedOut, $"{Refusal.QueueFull}, for {options.Timeout}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new TargetResult(recipient.Instance, SendOutcome.Unreachable, e.Message);
        }
    }
}
